"""The one writer of whole files: a reader finds the old bytes or the new ones, never a mixture.

Order of a write: a temporary file beside the target, its bytes, fsync, read back, ``os.replace``,
fsync of the folder, read back. Whatever fails, the file that was there before the replace stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

from vae_studio.domain.errors import DiskError

TEMPORARY_PREFIX = ".vae-studio-"
TEMPORARY_SUFFIX = ".part"

#: Windows refuses to replace a file that a virus scanner or an indexer holds open for a moment.
_REPLACE_ATTEMPTS = 10 if os.name == "nt" else 1
_REPLACE_PAUSE_S = 0.02

#: File systems that cannot sync a folder say so with one of these; the rename itself is done.
_NO_FOLDER_SYNC = {errno.EINVAL, errno.EBADF, errno.EOPNOTSUPP, errno.ENOSYS}

_REASON_OF_NAME = {
    "ENOSPC": "the disk is full; free some space and try again",
    "EDQUOT": "your disk quota is used up; free some space and try again",
    "EROFS": "that disk is read-only; choose another folder",
    "EACCES": "this account has no permission there; choose another folder",
    "EPERM": "this account has no permission there; choose another folder",
    "ENOENT": "it or its folder does not exist (any more)",
    "ENOTDIR": "a part of its path is a file, not a folder",
    "EISDIR": "a folder has that name",
    "EEXIST": "something with that name exists already",
    "ENAMETOOLONG": "the name is too long; choose a shorter one",
    "ELOOP": "its path is a loop of links",
    "EIO": "the disk reported an error; check it and its cable",
    "EFBIG": "that file system does not take files this large",
    "EMFILE": "too many files are open; close some windows and try again",
    "ENFILE": "too many files are open on this machine; close some programs and try again",
    "ESTALE": "the network folder went away; connect it again",
    "ENODEV": "the disk went away; connect it again",
    "EBUSY": "another program is using it",
    "ETXTBSY": "another program is using it",
}
#: Not every system knows every name.
_REASONS = {
    getattr(errno, name): reason for name, reason in _REASON_OF_NAME.items() if hasattr(errno, name)
}


def write_atomically(path: Path, data: bytes) -> None:
    """Make ``path`` a file that holds exactly ``data``, durably, or leave what was there.

    A link at ``path`` is replaced, never followed. Raises DiskError with the path and the cause.
    """
    temporary = path.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
    try:
        _write_new(temporary, data)
        _keep_mode(path, temporary)
        _check_holds(temporary, data)
        _replace(temporary, path)
        sync_folder(path.parent)
        _check_holds(path, data)
    except OSError as error:
        raise cannot("written", path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable, where the system can do that. Raises OSError."""
    if os.name == "nt":
        return  # Windows opens no folder for syncing; its file systems journal the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files that a killed writer left in ``folder``; never raises."""
    with contextlib.suppress(OSError):
        for leftover in folder.glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"):
            with contextlib.suppress(OSError):
                leftover.unlink()


def cannot(done: str, path: Path, error: OSError) -> DiskError:
    """One sentence for a failed system call: ``cannot("written", path, error)``.

    ``done`` is what did not happen to ``path`` ("written", "read", "made"). The sentence names
    the path (with the home folder as ``~``) and the cause; ``details`` the system's own words.
    """
    reason = _REASONS.get(error.errno or 0) or (error.strerror or str(error)).strip(" .").lower()
    details = f"{errno.errorcode.get(error.errno or 0, type(error).__name__)}: {error}"
    return DiskError(f"'{shown(path)}' could not be {done}: {reason}.", details=details)


def shown(path: Path) -> str:
    """``path`` as a sentence may name it: absolute, the home folder (and so the user) as ``~``."""
    absolute = Path(os.path.abspath(path))
    with contextlib.suppress(ValueError, RuntimeError):
        home = Path.home()
        if home != home.parent:  # some containers have no home but "/"
            return str(Path("~") / absolute.relative_to(home))
    return str(absolute)


def _write_new(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_mode(old: Path, new: Path) -> None:
    """A replaced file keeps its permissions; a first one has those of the user's umask."""
    with contextlib.suppress(OSError):
        mode = os.lstat(old).st_mode
        if stat.S_ISREG(mode):
            os.chmod(new, stat.S_IMODE(mode))


def _check_holds(path: Path, data: bytes) -> None:
    if path.read_bytes() != data:
        raise OSError(errno.EIO, "what was read back differs from what was written")


def _replace(source: Path, target: Path) -> None:
    for attempt in range(1, _REPLACE_ATTEMPTS + 1):
        try:
            return os.replace(source, target)
        except PermissionError:
            if attempt == _REPLACE_ATTEMPTS:
                raise
            time.sleep(_REPLACE_PAUSE_S)
