"""One writer per run; a dead one gives way, a living one does not."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from support.faults import Disk, faulty

from vae_studio.domain.errors import StudioError
from vae_studio.runs import lock
from vae_studio.runs.lock import Holder, RunLock, holder_of, is_held, start_of

GONE = 2**22 + 12345  # above the largest process number Linux gives


def put(folder: Path, **fields) -> None:
    """A lock as another process would have left it."""
    other = {"host": lock._host(), "boot": lock.boot_id(), "pid": os.getppid(), "token": "other"}
    other["started"] = start_of(os.getppid())
    (folder / "lock.json").write_bytes(msgspec.json.encode({**other, **fields}))


def test_that_the_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    first = RunLock.acquire(tmp_path)
    assert is_held(tmp_path)
    with pytest.raises(StudioError, match=rf"written by this program \(process {os.getpid()}\)"):
        RunLock.acquire(tmp_path)
    first.release()
    assert not is_held(tmp_path)
    RunLock.acquire(tmp_path).release()
    assert os.listdir(tmp_path) == []


def test_that_a_lock_in_another_living_process_is_respected(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from vae_studio.runs.lock import RunLock;"
        "RunLock.acquire(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StudioError, match=rf"another program \(process {other.pid}\)"):
            RunLock.acquire(tmp_path)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, but not yet collected
        assert not is_held(tmp_path)
        RunLock.acquire(tmp_path).release()


def test_that_a_lock_given_back_on_a_disk_that_keeps_it_can_be_taken_again(tmp_path: Path) -> None:
    first = RunLock.acquire(tmp_path)
    with faulty(Disk(1, errno.EROFS)):
        first.release()
    assert (tmp_path / "lock.json").exists()
    assert not is_held(tmp_path)
    RunLock.acquire(tmp_path).release()


@pytest.mark.parametrize(
    "fields", [{"pid": GONE}, {"started": "12"}, {"boot": "an earlier start of this machine"}]
)
def test_that_the_lock_of_a_process_that_is_gone_is_taken_over(
    tmp_path: Path, fields: dict
) -> None:
    put(tmp_path, **fields)
    assert not is_held(tmp_path)
    taken = RunLock.acquire(tmp_path)
    assert holder_of(tmp_path) == taken.holder


def test_that_the_same_lock_with_nothing_changed_is_alive(tmp_path: Path) -> None:
    put(tmp_path)
    assert is_held(tmp_path)
    with pytest.raises(StudioError):
        RunLock.acquire(tmp_path)


def test_that_a_process_whose_start_nobody_may_know_counts_as_alive(tmp_path: Path) -> None:
    put(tmp_path, started="")
    assert is_held(tmp_path)


def test_that_a_lock_of_another_computer_is_never_broken(tmp_path: Path) -> None:
    put(tmp_path, host="0" * 16, pid=GONE, boot="other")
    with pytest.raises(StudioError, match=r"another computer; if that one is off, delete '.*lock"):
        RunLock.acquire(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b'{"pid": "x"}', b"\xff" * 10_000])
def test_that_a_lock_without_sense_is_taken_over(
    tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_PAUSE_S", 0.0)
    (tmp_path / "lock.json").write_bytes(data)
    assert not is_held(tmp_path)
    RunLock.acquire(tmp_path).release()


def test_that_a_lock_just_being_filled_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock.json").write_bytes(b"")
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: put(tmp_path))
    with pytest.raises(StudioError, match="being written"):
        RunLock.acquire(tmp_path)


def winners(folder: Path, acquire) -> int:
    """How many of eight threads that find the same stale lock at once get it."""
    put(folder, pid=GONE)
    gate, won = threading.Barrier(8), []

    def contend() -> None:
        gate.wait()
        try:
            won.append(acquire(folder))
        except (StudioError, OSError):
            return

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for taken in won:
        taken.release()
    return len(won)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no lock on a folder")
def test_that_of_many_who_find_a_stale_lock_one_gets_it(tmp_path: Path) -> None:
    assert [winners(tmp_path, RunLock.acquire) for _ in range(20)] == [1] * 20


def test_that_taking_over_without_care_lets_several_in(tmp_path: Path) -> None:
    meeting = threading.Barrier(8)

    def careless(folder: Path) -> RunLock:
        stale = not is_held(folder)
        meeting.wait()  # all have seen the stale lock before the first one acts
        if stale:
            (folder / "lock.json").unlink(missing_ok=True)
        return RunLock(folder / "lock.json", lock._make(folder / "lock.json"))

    assert max(winners(tmp_path, careless) for _ in range(20)) > 1


def test_that_releasing_leaves_the_lock_of_a_successor_alone(tmp_path: Path) -> None:
    first = RunLock.acquire(tmp_path)
    put(tmp_path)
    first.release()
    assert (tmp_path / "lock.json").exists()


def test_that_the_name_of_the_machine_is_not_in_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "canary-host")
    RunLock.acquire(tmp_path)
    assert "canary" not in (tmp_path / "lock.json").read_text()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_that_a_disk_which_refuses_the_lock_is_one_sentence(tmp_path: Path, at: int) -> None:
    with faulty(Disk(at, errno.EROFS, forever=False)), pytest.raises(StudioError, match="only"):
        RunLock.acquire(tmp_path)
    RunLock.acquire(tmp_path).release()


def test_that_systems_without_proc_are_asked_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    own = lock._start_by_psutil(os.getpid())
    assert own is not None
    assert float(own) > 0
    assert own == lock._start_by_psutil(os.getpid())
    assert lock._start_by_psutil(GONE) is None


def test_that_a_holder_is_recognised_by_all_of_its_marks() -> None:
    marks = {"host": "h", "boot": "b", "pid": 1, "started": "2", "token": "t"}
    assert Holder(**marks) == Holder(**marks)
    assert all(Holder(**marks) != Holder(**{**marks, name: "x"}) for name in marks)
