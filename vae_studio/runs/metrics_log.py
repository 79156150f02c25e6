"""metrics/NNNN.jsonl: append-only lines, each with its number and a CRC-32, one os.write each.

Readers stop at the first bad line and keep what came before. Nothing is ever cut: after a torn
line (a kill, a full disk) the next writer starts the next file, and a run that goes back to a
checkpoint appends a *rewind* line. A file whose first number is not the next one is skipped.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vae_studio.domain.atomic import cannot, sync_folder
from vae_studio.domain.errors import StudioError
from vae_studio.runs.inside import open_inside
from vae_studio.runs.sealed import plain

FOLDER = "metrics"
MAX_LINE = 2**20
_FILE = re.compile(r"[0-9]{4,8}\.jsonl")
_LINE = re.compile(rb'\{"crc32":"([0-9a-f]{8})",(.+\})\n', re.DOTALL)
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


def encode_line(record: dict[str, Any], seq: int) -> bytes:
    """One line. NaN and infinities become null; numpy values become plain ones."""
    body = msgspec.json.encode({"seq": seq} | record | {"seq": seq}, enc_hook=plain)
    return b'{"crc32":"%08x",' % zlib.crc32(body) + body[1:] + b"\n"


def decode_line(line: bytes, seq: int) -> dict[str, Any] | None:
    """The record in ``line`` when it is whole and has this number; None otherwise."""
    match = _LINE.fullmatch(line)
    if match is None or b"%08x" % zlib.crc32(b"{" + match[2]) != match[1]:
        return None
    try:
        record = msgspec.json.decode(b"{" + match[2], type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    return record if record.get("seq") == seq and _is_sound(record) else None


def _is_sound(record: dict[str, Any]) -> bool:
    """A rewind line says from which number on; every other record may hold what it likes."""
    rewind = record.get("rewind", {"seq": 0})
    return isinstance(rewind, dict) and isinstance(rewind.get("seq"), int)


class MetricsReader:
    """What the log of one run holds, read from start to end by the constructor."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.records: list[dict[str, Any]] = []  # rewound ones taken out
        self.next_seq = 0
        self.files = 0  # the number the next file would get
        self.whole = True  # every byte of the last file is a good line
        for name in sorted(_file_names(root), key=lambda name: int(name.split(".")[0])):
            self.files = int(name.split(".")[0]) + 1
            self.whole = self._read(name)

    def _read(self, name: str) -> bool:
        with open_inside(self._root, FOLDER, name) as file:
            for line in _lines(file, self._root / FOLDER / name):
                record = decode_line(line, self.next_seq)
                if record is None:
                    return False
                self.next_seq += 1
                self._take(record)
        return True

    def _take(self, record: dict[str, Any]) -> None:
        if "rewind" not in record:
            self.records.append(record)
            return
        kept = record["rewind"]["seq"]
        self.records = [old for old in self.records if old["seq"] < kept]

    def seq_at(self, step: int) -> int:
        """The number of the first record that tells of ``step`` or later."""
        for record in self.records:
            if record.get("step", record.get("first_step", -1)) >= step:
                return record["seq"]
        return self.next_seq


class MetricsWriter:
    """Appends to the log of one run; the holder of the run's lock has the only one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = MetricsReader(root)
        self.next_seq = found.next_seq
        self._number = found.files if not found.whole or not found.files else found.files - 1
        self._descriptor: int | None = None
        self._size = 0

    def append(self, record: dict[str, Any]) -> None:
        """Add one record; StudioError when the disk refuses it, and the log stays readable."""
        line = encode_line(record, self.next_seq)
        if len(line) > MAX_LINE:
            raise StudioError(f"A metrics record of {len(line):,} bytes is too long to be kept.")
        try:
            if not self._write(line) and not self._write(line):
                raise OSError(errno.ENOSPC, "only a part of the line was taken")
        except OSError as error:
            self._leave_torn_file()
            raise cannot("written", self._path, error) from error
        self.next_seq += 1

    def rewind(self, step: int, seq: int) -> None:
        """Take back the records numbered ``seq`` and later: the run goes on from ``step``."""
        self.append({"rewind": {"step": step, "seq": seq}})

    def sync(self) -> None:
        """Make what was appended durable."""
        if self._descriptor is None:
            return
        try:
            getattr(os, "fdatasync", os.fsync)(self._descriptor)
        except OSError as error:
            raise cannot("written", self._path, error) from error

    def close(self) -> None:
        """Close the file; a later append opens it again. What must be durable was synced before."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    @property
    def _path(self) -> Path:
        return self._root / FOLDER / f"{self._number:04d}.jsonl"

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, _FLAGS, 0o666)
            self._size = os.fstat(self._descriptor).st_size
            sync_folder(self._path.parent)
        return self._descriptor

    def _write(self, line: bytes) -> bool:
        """Whether the whole line was taken; if not, the next try goes to a fresh file."""
        written = os.write(self._open(), line)
        if written != len(line):
            self._leave_torn_file()
            return False
        self._size += written
        return True

    def _leave_torn_file(self) -> None:
        """Go on in the next file unless this one still ends with a whole line."""
        if self._descriptor is None:
            return
        try:
            torn = os.fstat(self._descriptor).st_size != self._size
        except OSError:
            torn = True
        if torn:
            with contextlib.suppress(OSError):
                os.fsync(self._descriptor)
            self.close()
            self._number += 1


def _file_names(root: Path) -> list[str]:
    try:
        return [name for name in os.listdir(root / FOLDER) if _FILE.fullmatch(name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise cannot("read", root / FOLDER, error) from error


def _lines(file: Any, path: Path) -> Iterator[bytes]:
    try:
        while line := file.readline(MAX_LINE + 1):
            yield line
    except OSError as error:
        raise cannot("read", path, error) from error
