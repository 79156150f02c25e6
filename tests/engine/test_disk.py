"""The disk fails while a run trains: the run waits, says why, and loses nothing it had saved."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.faults import ANY, Disk, faulty
from support.trained import bits_of, finished, numbers

from vae_studio.domain.events import DiskRefused, Event, RunFinished
from vae_studio.engine import recorder, session
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder

pytestmark = pytest.mark.usefixtures("quick_syncs")

SAVED_AT = (3, 6, 9)
EDGES = (4, 8, 12)  # where a run is validated, and the best is kept
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EROFS)
WORDS = ("disk is full", "reported an error", "quota is used up", "no permission", "read-only")


@pytest.fixture
def begin(small_config, tiny_splits) -> Callable[[Path], Trainer]:
    """Starts a run of 12 steps that saves at 3, 6 and 9."""

    def start(path: Path) -> Trainer:
        return saving(session.start_run(small_config(), tiny_splits, out=path))

    return start


@pytest.fixture
def go_on(tiny_splits) -> Callable[[Path], Trainer]:
    """Resumes such a run."""
    return lambda path: saving(session.resume_run(path, lambda config: tiny_splits))


def saving(trainer: Trainer) -> Trainer:
    trainer._is_due = lambda: trainer.step in SAVED_AT  # type: ignore[method-assign]
    trainer._is_time_to_tell = lambda: trainer.step % 2 == 0  # type: ignore[method-assign]
    return trainer


def drive(trainer: Trainer, patience: int) -> tuple[Event | None, list[DiskRefused]]:
    """The last event and all refusals; gives up as a closing window does."""
    refused: list[DiskRefused] = []
    last: Event | None = None
    events: Iterator[Event | None] = trainer.run()
    for event in events:
        last = event or last
        if isinstance(event, DiskRefused):
            refused.append(event)
            if len(refused) > patience:
                events.close()  # type: ignore[attr-defined]
                trainer.recorder.close()
                break
    return last, refused


def is_one_sentence(refused: DiskRefused) -> bool:
    text = refused.sentence
    return text.endswith(".") and "\n" not in text and any(word in text for word in WORDS)


FORMS = [
    *[pytest.param(forever, 6, 1, id=f"{forever}-sixth") for forever in (False, True)],
    *[
        pytest.param(forever, 1, len(ERRORS), marks=pytest.mark.full, id=f"{forever}-every")
        for forever in (False, True)
    ],
]  # fmt: skip


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("forever", "stride", "kinds"), FORMS)
def test_that_any_operation_of_a_run_may_fail(
    forever: bool, stride: int, kinds: int, begin, go_on, tmp_path: Path
) -> None:
    """Once, or from then on; quickly every sixth operation, slowly each with every error."""
    whole = finished(begin(tmp_path / "whole")), numbers(tmp_path / "whole")
    with faulty(Disk(), ANY) as disk:
        drive(begin(tmp_path / "counted"), patience=0)
    assert len(disk.done) > 200, "the run touches the disk more often than this"
    for at in range(1, len(disk.done) + 1, stride):
        for error in (ERRORS * 2)[at % 5 : at % 5 + kinds]:
            path = tmp_path / f"{at}-{error}"
            trainer = begin(path)
            with faulty(Disk(at, error, forever=forever), ANY) as struck:
                last, refused = drive(trainer, patience=2)
            where = f"{errno.errorcode[error]} at operation {at}: {struck.done[at - 1 : at]}"
            assert all(map(is_one_sentence, refused)), where
            assert forever or (isinstance(last, RunFinished) and len(refused) <= 1), where
            if RunFolder.open(path).manifest.state != "done":
                trainer = go_on(path)
                assert trainer.step in (0, *SAVED_AT, *EDGES), where
                finished(trainer)
            assert (bits_of(trainer), numbers(path)) == whole, where
            assert RunFolder.open(path).manifest.checkpoints[-1]["step"] == 12, where


def test_that_what_was_not_waited_for_would_be_noticed(
    begin, go_on, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that shrugs its shoulders and trains on has holes in what it recorded."""

    def shrug(kept: recorder.Recorder) -> None:
        with suppress(Exception):
            while kept._lines:
                kept.folder.append_metrics(kept._lines.popleft())

    finished(begin(tmp_path / "whole"))
    monkeypatch.setattr(recorder.Recorder, "write", shrug)
    trainer = begin(tmp_path / "shrug")
    with faulty(Disk(30, errno.ENOSPC, forever=False), ANY):
        drive(trainer, patience=2)
    holes = 0
    for at in range(5, 60, 5):
        trainer = begin(tmp_path / str(at))
        with faulty(Disk(at, errno.ENOSPC, forever=False), ANY):
            drive(trainer, patience=2)
        holes += numbers(tmp_path / str(at)) != numbers(tmp_path / "whole")
    assert holes
