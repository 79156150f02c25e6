"""A disk that fails, and a process that dies, at a chosen operation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHANGING = (
    "open", "write", "fsync", "fdatasync", "replace", "mkdir", "unlink", "rmdir",
)  # fmt: skip
ANY = (*CHANGING, "close", "fstat", "listdir")


class Killed(BaseException):
    """The process is gone: no ``except Exception`` and no ``suppress(OSError)`` sees this."""


class Disk:
    """Counts the operations that change the disk; ``at`` is the first that meets the fault."""

    def __init__(self, at: int = 0, error: int = 0, *, forever: bool = True) -> None:
        self.at = at
        self.error = error
        self.forever = forever
        self.done: list[tuple[str, str]] = []

    @property
    def struck(self) -> bool:
        """Whether the fault was met."""
        return 0 < self.at <= len(self.done)

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **named: Any) -> Any:
            target = next((str(a) for a in arguments if isinstance(a, str | os.PathLike)), "")
            self.done.append((name, os.path.basename(target)))
            number = len(self.done)
            if number == self.at or (self.struck and self.forever):
                if name == "close":
                    real(*arguments)  # a descriptor is gone even where closing it fails
                self._fail(name, number, real, arguments)
            return real(*arguments, **named)

        return operation

    def _fail(self, name: str, number: int, real: Callable[..., Any], arguments: Any) -> None:
        if name == "write" and number == self.at and not self.error:
            real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])  # dies half-way
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        raise Killed(f"{name}, operation {number}")


@contextmanager
def faulty(disk: Disk, operations: Sequence[str] = CHANGING) -> Iterator[Disk]:
    """Send these operations of ``os`` through ``disk``; with ANY, reading a whole file as well."""
    with pytest.MonkeyPatch.context() as patch:
        for name in operations:
            if hasattr(os, name):
                patch.setattr(os, name, disk.wrap(name, getattr(os, name)))
        if operations is ANY:
            patch.setattr(Path, "read_bytes", disk.wrap("read", Path.read_bytes))
        yield disk
