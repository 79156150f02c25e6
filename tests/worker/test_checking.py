"""The look at all pictures beside the other work of the worker's thread."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from vae_studio.data.image_set import DataSplits
from vae_studio.domain.config import DataConfig
from vae_studio.domain.phase import Phase
from vae_studio.worker import checking as module
from vae_studio.worker.checking import Checking
from vae_studio.worker.model_worker import ModelWorker
from vae_studio.worker.picture_desk import PictureDesk


@pytest.fixture
def checking(qapp: QCoreApplication, tiny_splits: DataSplits) -> Checking:
    """A look at 576 pictures in slices of a few."""
    desk = PictureDesk(lambda share, sentence: None)
    desk._splits = tiny_splits
    return Checking(desk)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_studio.data.preflight.SLICE_BYTES", 10 * 784)


def test_that_loaded_pictures_are_looked_at_once(checking: Checking, qtbot: QtBot) -> None:
    shares: list[float] = []
    checking.progressed.connect(lambda _name, share: shares.append(share))
    with qtbot.waitSignal(checking.checked) as told:
        checking.note_data()
    assert told.args[0].pictures == 576
    assert shares == sorted(shares)
    assert len(shares) > 50
    checking.note_data()
    assert not checking._timer.isActive()


def test_that_a_look_that_is_wished_again_is_taken_again(checking: Checking, qtbot: QtBot) -> None:
    for _ in range(2):
        with qtbot.waitSignal(checking.checked):
            checking.begin()


def test_that_a_cancelled_look_tells_nothing_more(checking: Checking, qtbot: QtBot) -> None:
    with qtbot.waitSignal(checking.progressed):
        checking.begin()
    checking.cancel()
    with qtbot.assertNotEmitted(checking.progressed, wait=50):
        pass


def test_that_a_run_under_way_leaves_a_look_a_few_per_cent_of_the_thread(
    checking: Checking, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(1000))
    clock = SimpleNamespace(thread_time=lambda: next(now) * 0.003)  # slices of 3 ms
    monkeypatch.setattr(module, "time", clock)
    for phase, pause_ms in ((Phase.RUNNING, 100), (Phase.PAUSED, 0), (Phase.DONE, 0)):
        checking.apply_phase(phase)
        with qtbot.waitSignal(checking.progressed):
            checking.begin()
        assert checking._timer.interval() == pause_ms
    checking.cancel()


def test_that_pictures_that_cannot_be_read_are_told_and_end_the_look(
    checking: Checking, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_splits: DataSplits):
        yield 0.1
        raise OSError("the disk is gone")

    monkeypatch.setattr(module, "preflight", broken)
    with qtbot.waitSignal(checking.request_failed) as told:
        checking.begin()
    assert told.args[0].wish == module.WISH
    assert not checking._timer.isActive()


def test_that_the_worker_looks_at_what_it_loaded(qapp: QCoreApplication, qtbot: QtBot) -> None:
    worker = ModelWorker()
    with qtbot.waitSignal(worker.checking.checked) as told:
        worker.load_data(DataConfig(), "")
    assert told.args[0].dataset == "fashion-mini"
    with qtbot.waitSignal(worker.checking.opened) as opened:
        worker.checking.open()
    assert len(opened.args[0].test) == 2_000


def test_that_what_is_said_of_patients_holds_at_once_and_needs_no_second_look(
    checking: Checking, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(checking.checked):
        checking.note_data()
    checking.mark_patient_data("fashion-mini", True)
    splits = checking._desk.in_hand
    assert splits is not None
    assert splits.patient_data
    checking.note_data()
    assert not checking._timer.isActive()
