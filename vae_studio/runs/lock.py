"""lock.json: one writer per run. It is made exclusively and names the process that writes.

The lock of a process that is gone (its number unused, or used by a later process, or the machine
started anew) is taken over. The name of the machine is kept as a hash only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError
from vae_studio.runs.inside import read_inside

FILE_NAME = "lock.json"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_MAX_BYTES = 4096
_PATIENCE = 5  # a lock is made and filled in two system calls; a reader may come in between
_PAUSE_S = 0.02
_held: set[str] = set()  # tokens of the locks this process holds


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes: hash of its host, boot, process number and start time."""

    host: str
    boot: str
    pid: int
    started: str
    token: str

    @property
    def elsewhere(self) -> bool:
        """It runs on another computer: from here nobody can tell whether it still does."""
        return self.host != _host()

    @property
    def alive(self) -> bool:
        """It may still be writing."""
        if self.elsewhere:
            return True
        if self.boot != boot_id():
            return False
        if self.pid == os.getpid() and self.token not in _held:
            return False  # released, by a disk that would not let the file be deleted
        started = start_of(self.pid)
        return started is not None and ("" in (started, self.started) or started == self.started)


def holder_of(folder: Path) -> Holder | None:
    """Who holds the lock of a run folder; None when nobody does or the file makes no sense."""
    try:
        data = read_inside(folder, FILE_NAME, limit=_MAX_BYTES)
        return msgspec.json.decode(data, type=Holder)
    except (StudioError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def is_held(folder: Path) -> bool:
    """Whether a process that may still be alive writes to this run folder."""
    holder = holder_of(folder)
    return holder is not None and holder.alive


class RunLock:
    """The right to write to one run folder, from ``acquire`` to ``release``."""

    def __init__(self, path: Path, holder: Holder) -> None:
        self._path = path
        self.holder = holder

    @classmethod
    def acquire(cls, folder: Path) -> RunLock:
        """Take the lock; StudioError naming the process when another one is writing."""
        path = folder / FILE_NAME
        try:
            with _alone_in(folder):
                _remove_stale(folder)
                return cls(path, _make(path))
        except FileExistsError:
            raise _refusal(folder, holder_of(folder)) from None
        except OSError as error:
            raise cannot("written", path, error) from error

    def release(self) -> None:
        """Give the lock back; one that somebody else has taken meanwhile is left alone."""
        _held.discard(self.holder.token)
        if holder_of(self._path.parent) == self.holder:
            with contextlib.suppress(OSError):
                self._path.unlink()


def boot_id() -> str:
    """Different after every start of the machine, where the system says so; else empty."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def start_of(pid: int) -> str | None:
    """When a process started, as text to compare; "" if nobody may know; None if it is gone."""
    with contextlib.suppress(OSError, IndexError):
        # Ticks since boot: unlike a time of day they do not move when the clock is set.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    return _start_by_psutil(pid)


def _start_by_psutil(pid: int) -> str | None:
    import psutil  # type: ignore[import-untyped]  # costs 20 ms, and Linux answers without it

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return ""


def _host() -> str:
    return hashlib.sha256(b"vae-studio\0" + platform.node().encode()).hexdigest()[:16]


def _make(path: Path) -> Holder:
    own = os.getpid()
    holder = Holder(
        host=_host(),
        boot=boot_id(),
        pid=own,
        started=start_of(own) or "",
        token=secrets.token_hex(8),
    )
    try:
        descriptor = os.open(path, _FLAGS, 0o666)
        try:
            os.write(descriptor, msgspec.json.encode(holder))
        finally:
            os.close(descriptor)
    except FileExistsError:
        raise
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    _held.add(holder.token)
    return holder


def _remove_stale(folder: Path) -> None:
    """Delete the lock of a process that is gone, and one that never got its contents."""
    for _ in range(_PATIENCE):
        if not os.path.lexists(folder / FILE_NAME):
            return
        holder = holder_of(folder)
        if holder is not None:
            break
        time.sleep(_PAUSE_S)
    if holder is None or not holder.alive:
        (folder / FILE_NAME).unlink(missing_ok=True)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two processes must not find the same lock stale, or the second removes the first one's."""
    try:
        import fcntl
    except ImportError:  # Windows has no lock on a folder; there the gap of microseconds stays
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network folders have no such locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _refusal(folder: Path, holder: Holder | None) -> StudioError:
    if holder is None:
        return StudioError(f"The run '{folder.name}' was locked by another process; try again.")
    if holder.elsewhere:
        return StudioError(
            f"The run '{folder.name}' is being written by a process on another computer; "
            f"if that one is off, delete '{shown(folder / FILE_NAME)}'."
        )
    who = "this program" if holder.pid == os.getpid() else "another program"
    return StudioError(
        f"The run '{folder.name}' is being written by {who} (process {holder.pid}); "
        "stop it there first."
    )
