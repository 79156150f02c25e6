"""Unpacking an archive that nobody vouches for: into a fresh folder, which appears whole or not.

Nothing in an archive is believed: not its names, not its sizes, not that it ends. (tarfile and
zipfile of the standard library, and torchvision with them, have all let files out of their folder.)
"""

from __future__ import annotations

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from vae_studio.data.progress import Progress, report
from vae_studio.domain.atomic import TEMPORARY_PREFIX, cannot, shown, sync_folder
from vae_studio.domain.errors import StudioError

CHUNK_BYTES = 1 << 18
LONGEST_NAME = 255  # bytes of a name that every usual file system takes
PORTS = tuple(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))
RESERVED = frozenset({"con", "prn", "aux", "nul", *PORTS})  # on Windows, with any ending
FORBIDDEN = frozenset('<>:"|?*\\')  # in names, on Windows


@dataclass(frozen=True)
class Caps:
    """What no honest archive exceeds: files, bytes in all, and how often its own size it becomes
    (small archives are allowed ``free_bytes`` whatever they claim).
    """

    files: int = 1_000_000
    bytes: int = 1 << 37
    ratio: int = 200
    free_bytes: int = 1 << 26

    def most(self, archive_bytes: int) -> int:
        """Bytes that an archive of this size may become."""
        return min(self.bytes, max(self.free_bytes, self.ratio * archive_bytes))


class _Refused(Exception):  # noqa: N818 - a verdict on an archive
    """One sentence fragment: the reason."""


def extracted(
    archive: Path, folder: Path, *, caps: Caps | None = None, progress: Progress | None = None
) -> Path:
    """Unpack a zip or tar (gz, bz2, xz) and let ``folder``, which must not exist yet, be what was
    in it. Only regular files with plain relative names are taken; one that is anything else refuses
    the archive. Raises StudioError naming the archive and the cause, or LoadCancelled.
    """
    if os.path.lexists(folder):
        raise StudioError(f"'{shown(folder)}' exists already; nothing was unpacked over it.")
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY_PREFIX}unpack-", dir=folder.parent))
    except OSError as error:
        raise cannot("made", folder, error) from error
    try:
        with _reasons(archive, folder):
            _unpack(archive, fresh, caps or Caps(), progress)
            os.rename(fresh, folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _unpack(archive: Path, fresh: Path, caps: Caps, progress: Progress | None) -> None:
    size = archive.stat().st_size
    most, written, count = caps.most(size), 0, 0
    taken: set[str] = set()
    for name, member in _members(archive):
        path = _plain(name)
        if path is None:
            continue
        count += 1
        if count > caps.files:
            raise _Refused(f"it holds more than {caps.files:,} files")
        if _folded(path) in taken:
            raise _Refused(f"it holds '{_printable(name)}' twice")
        taken.add(_folded(path))
        with _new_file(fresh.joinpath(*path.parts), name) as file:
            while chunk := member.read(CHUNK_BYTES):
                written += len(chunk)
                if written > most:
                    raise _Refused(f"it would become larger than {most / 1e6:,.0f} MB")
                file.write(chunk)
                report(progress, min(0.99, written / most), f"Unpacking {archive.name}")
    if count == 0:
        raise _Refused("it holds no file")


def _new_file(target: Path, name: str) -> IO[bytes]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError):
        raise _Refused(f"'{_printable(name)}' in it is both a file and a folder") from None


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of every regular file; links and everything else refuse the archive."""
    with archive.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        yield from _zipped(archive)
    else:
        yield from _tarred(archive)


def _zipped(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _Refused(f"'{_printable(info.orig_filename)}' in it is a link or a device")
            if info.flag_bits & 1:
                raise _Refused("it is locked with a password")
            if info.is_dir():
                _plain(info.orig_filename.rstrip("/"))
                continue
            with opened.open(info) as member:
                yield info.orig_filename, member


def _tarred(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(archive, "r|*") as opened:  # as a stream: no going back, no table of contents
        for info in opened:
            if info.isdir():
                if info.name not in (".", "./"):
                    _plain(info.name)
                continue
            if not info.isreg() or info.issparse():
                raise _Refused(f"'{_printable(info.name)}' in it is a link or a device")
            member = opened.extractfile(info)
            assert member is not None  # a regular file has content
            yield info.name, member


def _plain(name: str) -> PurePosixPath | None:
    """The name as a path below the folder; None for what systems put in beside. Raises _Refused for
    a name that leads elsewhere, or that some system would take for something else.
    """
    path = PurePosixPath(name.removeprefix("./"))
    if not name or "\0" in name or not path.parts:
        raise _Refused("a file in it has no name, or a character in it that no name has")
    if path.is_absolute() or ".." in path.parts:
        raise _Refused(f"'{_printable(name)}' in it leads out of the folder")
    for part in path.parts:
        bad = FORBIDDEN & set(part) or any(unicodedata.category(c) in ("Cc", "Cs") for c in part)
        if bad or part != part.rstrip(". ") or part.split(".")[0].strip().lower() in RESERVED:
            raise _Refused(f"'{_printable(name)}' in it is no name that every system allows")
        if len(part.encode(errors="surrogatepass")) > LONGEST_NAME:
            raise _Refused(f"'{_printable(part[:40])}…' in it is too long a name")
    return None if path.parts[0] == "__MACOSX" else path


def _folded(path: PurePosixPath) -> str:
    """Equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name)[:80]


@contextmanager
def _reasons(archive: Path, folder: Path) -> Iterator[None]:
    try:
        yield
    except _Refused as refused:
        raise StudioError(
            f"'{shown(archive)}' was not unpacked: {refused}; get it from its publisher."
        ) from None
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError,
            NotImplementedError, gzip.BadGzipFile, ValueError, RuntimeError) as wrong:  # fmt: skip
        reason = (str(wrong).splitlines() or [""])[0][:120] or "it is cut off"
        raise StudioError(
            f"'{shown(archive)}' is damaged or no archive ({reason}); get it again, whole."
        ) from None
    except OSError as error:
        if error.errno is None:  # bz2 says so of damaged bytes
            raise StudioError(
                f"'{shown(archive)}' is damaged or no archive ({error}); get it again, whole."
            ) from None
        raise cannot("written", folder, error) from error
