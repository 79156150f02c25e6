"""A trainer is driven to its end: signals stop it, its summary is told, failure is exit code 1."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vae_studio.commands.progress import Progress
from vae_studio.commands.stopping import stop_on_signals, terminate_as_interrupt
from vae_studio.commands.training import train_to_the_end
from vae_studio.domain.events import DiskRefused, Event, RunFailed, RunFinished

NUMBERS = {"nelbo": 100.0, "distortion": 80.0, "rate": 20.0, "convention": "grey-BCE"}
SUMMARY: dict[str, Any] = {
    "test": NUMBERS, "train": NUMBERS, "epochs": 2, "steps": 100, "seconds": 5.0, "seed": 0,
    "images_per_second": 20.0, "parameters": 9, "device": "cpu", "precision": "fp32",
}  # fmt: skip


class ScriptedTrainer:
    """Yields batches without end until it is asked to stop, or the events it is given."""

    def __init__(self, folder: Path, *events: Event, signals: tuple[int, ...] = ()) -> None:
        self.recorder = SimpleNamespace(folder=SimpleNamespace(path=folder))
        self.events = events
        self.signals = list(signals)
        self.stopping = False

    def request_stop(self) -> None:
        self.stopping = True

    def run(self) -> Iterator[Event | None]:
        yield None
        while self.signals and not self.stopping:
            os.kill(os.getpid(), self.signals.pop(0))
            yield None
        if self.signals:  # the person presses again while the run is being saved
            os.kill(os.getpid(), self.signals.pop(0))
        yield from self.events or (RunFinished(9, self.stopping, SUMMARY),)


def drive(trainer: ScriptedTrainer, *, as_json: bool = False) -> int:
    """Run it as the command does."""
    return train_to_the_end(trainer, Progress(io.StringIO()), as_json=as_json)  # type: ignore[arg-type]


def test_that_the_end_is_a_table_with_its_convention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drive(ScriptedTrainer(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "test   100.00       80.00  20.00" in told
    assert "grey-BCE" in told
    assert "vae-studio sample" in told


def test_that_json_is_the_summary_and_where_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drive(ScriptedTrainer(tmp_path), as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {**SUMMARY, "run": str(tmp_path)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_stops_the_run_with_exit_code_0(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    assert drive(ScriptedTrainer(tmp_path, signals=(number,))) == 0
    told = capsys.readouterr()
    assert "Stopping after this batch" in told.err
    assert "Go on: vae-studio resume " in told.out
    assert signal.getsignal(number) is before


def test_that_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        drive(ScriptedTrainer(tmp_path, signals=(signal.SIGINT, signal.SIGINT)))


def test_that_a_failed_run_is_exit_code_1_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = RunFailed("The loss is not a number any more; lower the learning rate.", "traceback")
    assert drive(ScriptedTrainer(tmp_path, failed)) == 1
    told = capsys.readouterr().err
    assert "lower the learning rate" in told
    assert "traceback" not in told


def test_that_sigterm_before_the_first_batch_interrupts() -> None:
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():
        os.kill(os.getpid(), signal.SIGTERM)


def test_that_handlers_go_back_even_after_an_error() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="torn"), stop_on_signals(lambda: None):
        raise ValueError("torn")
    assert signal.getsignal(signal.SIGINT) is before


class Refused(ScriptedTrainer):
    """A run whose disk refuses until it has been asked ``tries`` times."""

    def __init__(self, folder: Path, tries: int) -> None:
        super().__init__(folder)
        self.tries, self.closed = tries, False
        self.recorder.close = self.close

    def close(self) -> None:
        self.closed = True

    def run(self) -> Iterator[Event | None]:
        for _ in range(self.tries):
            yield DiskRefused(7, "'~/runs/a' could not be written: the disk is full.", "ENOSPC")
        yield RunFinished(9, False, SUMMARY)


class Terminal(io.StringIO):
    """Somebody sits there and types."""

    def isatty(self) -> bool:
        return True


def test_that_a_full_disk_ends_a_run_that_nobody_watches_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    trainer = Refused(tmp_path / "a b", tries=1)
    assert drive(trainer) == 1
    told = capsys.readouterr().err
    assert told.count("could not be written: the disk is full") == 1
    assert "Go on: vae-studio resume '" in told
    assert "Press Enter" not in told
    assert trainer.closed


def test_that_enter_tries_again_and_ctrl_d_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("\n\n"))
    assert drive(Refused(tmp_path, tries=2)) == 0
    told = capsys.readouterr()
    assert told.err.count("Press Enter to try again") == 2
    assert "grey-BCE" in told.out
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    assert drive(Refused(tmp_path, tries=2)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_the_waiting(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Terminal):
        def readline(self, *_: Any) -> str:
            os.kill(os.getpid(), number)
            return "\n"

    monkeypatch.setattr("sys.stdin", Interrupted())
    before = signal.getsignal(number)
    assert drive(Refused(tmp_path, tries=1)) == 1
    assert signal.getsignal(number) is before


def test_that_a_run_that_diverged_is_told_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drive(ScriptedTrainer(tmp_path, RunFailed("It diverged.", "", "", 0.0005))) == 1
    assert f"Go on: vae-studio resume {tmp_path} --lr 0.0005" in capsys.readouterr().err
