"""One program at a time prepares the pictures in a folder; the lock dies with the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from vae_studio.domain.atomic import cannot
from vae_studio.domain.errors import StudioError

LOCK = "lock"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder inside; StudioError when another program holds it."""
    try:
        file = (folder / LOCK).open("wb")
    except OSError as error:
        raise cannot("written", folder / LOCK, error) from error
    with file:
        try:
            _lock(file)
        except OSError:
            raise StudioError(
                "Another window is preparing the same pictures; wait for it, then load them again."
            ) from None
        yield  # closing the file gives the lock back


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
