"""A run of four checkpoints is killed, or its disk fails, at every single operation.

Afterwards the folder holds the state before or after the step in progress: never a mixture.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.faults import Disk, Killed, faulty
from support.runs import CONFIG, RESOLVED, same_tensors, tensors_at

from vae_studio.domain.errors import StudioError
from vae_studio.runs import checkpoint_store, folder, lock
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import list_runs

STEPS = (10, 20, 30, 40)
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EROFS)


class Training:
    """What the trainer does to a run folder; ``committed`` is the step it was told is safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.committed: int | None = None
        self.run: RunFolder | None = None
        self.sentences: list[str] = []

    def go(self, attempt: Callable[[Callable], object] = lambda wish: wish()) -> None:
        """Run to the end; ``attempt`` calls each wish (and may try again)."""
        attempt(self._create)
        for step in STEPS:
            attempt(lambda step=step: self._open().append_metrics({"step": step}))
            attempt(lambda step=step: self._save(step))
        attempt(lambda: self._open().update(state="done"))
        self._open().close()

    def twice(self, wish: Callable[[], None]) -> None:
        """As a person does who frees some space and presses Continue."""
        try:
            wish()
        except StudioError as error:
            self.sentences.append(str(error))
            wish()

    def sentence_of(self, attempt: Callable[[Callable], object]) -> str:
        """Run to the end or to the sentence that says why not."""
        try:
            self.go(attempt)
        except StudioError as error:
            return str(error)
        return ""

    def _open(self) -> RunFolder:
        assert self.run is not None
        return self.run

    def _create(self) -> None:
        self.run = RunFolder.create(self.root, name="mnist", config=CONFIG, resolved=RESOLVED)
        self.committed = 0

    def _save(self, step: int) -> None:
        self._open().save_checkpoint(step, tensors_at(step), {"step": step}, keep_last=2)
        self.committed = step


@pytest.fixture
def next_boot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes every lock of this process stale, as after the machine was started again."""
    boots = iter(range(100_000))

    def start_again() -> None:
        name = f"boot {next(boots)}"
        monkeypatch.setattr(lock, "boot_id", lambda: name)

    start_again()
    return start_again


def fault_found(root: Path, committed: int | None) -> str:
    """What is wrong with the only run below ``root``; empty when all is as promised."""
    runs = list_runs(root)
    if not runs:
        return "" if committed is None else "the run is gone"
    if runs[0].state not in ("interrupted", "done"):
        return f"state {runs[0].state}: {runs[0].problem}"
    with RunFolder.open(runs[0].path, write=True) as run:
        return _fault_in(run, committed or 0)


def _fault_in(run: RunFolder, committed: int) -> str:
    allowed = {committed, committed + 10}
    step = 0
    if run.manifest.checkpoints:
        try:
            found = run.load_checkpoint()
        except StudioError as error:
            return error.details or str(error)
        step = found.step
        if found.notes or not same_tensors(found.tensors, step):
            return f"checkpoint of step {step}: {found.notes}"
    if step not in allowed:
        return f"step {step} instead of {committed}"
    measured = [record["step"] for record in run.read_metrics()]
    if measured != list(STEPS[: len(measured)]) or (measured or [0])[-1] < step:
        return f"metrics {measured} at step {step}"
    return _fault_when_resumed(run, step)


def _fault_when_resumed(run: RunFolder, step: int) -> str:
    run.rewind_metrics(step)
    for later in STEPS[step // 10 :]:
        run.append_metrics({"step": later})
        run.save_checkpoint(later, tensors_at(later), {"step": later}, keep_last=2)
    measured = [record["step"] for record in run.read_metrics()]
    files = {path.name for path in run.path.rglob("*") if path.is_file()}
    expected = {"manifest.json", "lock.json", "00000030.safetensors", "00000040.safetensors"}
    left = {name for name in files - expected if not name.endswith(".jsonl")}
    same = same_tensors(run.load_checkpoint().tensors, 40)
    return "" if measured == list(STEPS) and not left and same else f"resumed: {measured}, {left}"


def faults_after_kills(tmp_path: Path, start_again: Callable[[], None]) -> dict[int, str]:
    """The operations at which a kill broke a promise, with the promise."""
    faults = {}
    for at in range(1, 1000):
        training = Training(tmp_path / str(at))
        with faulty(Disk(at)) as disk, contextlib.suppress(Killed):
            training.go()
        start_again()
        if fault := fault_found(training.root, training.committed):
            faults[at] = fault
        if not disk.struck:
            assert at > 60, "the run touches the disk more often than this"
            return faults
    raise AssertionError("the run never ends")


def test_that_a_kill_at_any_operation_leaves_a_whole_run_that_can_go_on(
    tmp_path: Path, next_boot
) -> None:
    assert faults_after_kills(tmp_path, next_boot) == {}


def plain_write(path: Path, data: bytes) -> None:
    """A writer that is not atomic."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(descriptor, data)
    os.close(descriptor)


def test_that_a_manifest_written_in_place_is_caught(
    tmp_path: Path, next_boot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "write_atomically", plain_write)
    assert "damaged" in " ".join(faults_after_kills(tmp_path, next_boot).values())


def test_that_pruning_before_the_manifest_is_caught(
    tmp_path: Path, next_boot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = checkpoint_store.write_file

    def prune_first(root: Path, *arguments) -> dict:
        checkpoint_store.prune(root, [])
        return real(root, *arguments)

    monkeypatch.setattr(checkpoint_store, "write_file", prune_first)
    assert faults_after_kills(tmp_path, next_boot)


def test_that_a_manifest_before_its_checkpoint_is_caught(
    tmp_path: Path, next_boot, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[tuple[Path, bytes]] = []
    update = RunFolder.update

    def manifest_first(run: RunFolder, **fields) -> None:
        update(run, **fields)
        while late:
            plain_write(*late.pop())

    monkeypatch.setattr(checkpoint_store, "write_atomically", lambda *file: late.append(file))
    monkeypatch.setattr(RunFolder, "update", manifest_first)
    assert "was passed over" in " ".join(faults_after_kills(tmp_path, next_boot).values())


@pytest.mark.parametrize("forever", [False, True], ids=["once", "for ever"])
def test_that_a_disk_error_at_any_operation_is_one_sentence_and_loses_nothing(
    tmp_path: Path, next_boot, forever: bool
) -> None:
    for at in range(1, 1000):
        training = Training(tmp_path / str(at))
        attempt = (lambda wish: wish()) if forever else training.twice
        error = ERRORS[at % len(ERRORS)]
        with faulty(Disk(at, error, forever=forever)) as disk:
            failed = training.sentence_of(attempt)
        assert forever or not failed
        next_boot()
        sentences = [*training.sentences, failed or "All went well."]
        assert all(text.endswith(".") and "\n" not in text for text in sentences)
        assert fault_found(training.root, training.committed) == "", f"operation {at}"
        assert forever or training.committed == STEPS[-1]
        if not disk.struck:
            assert at > 60, "the run touches the disk more often than this"
            assert len(sentences) == 1
            return
    raise AssertionError("the run never ends")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("at", [30, 45])
def test_that_a_process_really_killed_leaves_a_run_the_next_one_takes_over(
    tmp_path: Path, at: int
) -> None:
    script = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
sys.path.insert(0, {str(Path(__file__).parent)!r})
from support.faults import Disk, faulty
from test_kill import Training
class Deadly(Disk):
    def _fail(self, *ignored):
        os.kill(os.getpid(), signal.SIGKILL)
with faulty(Deadly({at})):
    training = Training(Path({str(tmp_path)!r}))
    save = training._save
    training._save = lambda step: (save(step), print(step, flush=True))
    training.go()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    committed = int(done.stdout.split()[-1]) if done.stdout else 0
    assert (next(tmp_path.iterdir()) / "lock.json").exists()
    assert fault_found(tmp_path, committed) == ""
