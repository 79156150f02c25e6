"""What a report of the run may cost the window: no new layout, and no repaint outside a frame."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from support import shell

from vae_studio.domain.phase import Phase
from vae_studio.ui.layout_store import LayoutStore
from vae_studio.ui.main_window import MainWindow
from vae_studio.ui.panels.loss import MOST_WAITING, LossPanel
from vae_studio.ui.panels.train import TrainPanel
from vae_studio.ui.settings import Settings
from vae_studio.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Counting(QObject):
    """Counts the events of one kind that reach any object, by the object's class."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self._kind, self.seen = kind, Counter[str]()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == self._kind:
            self.seen[type(watched).__name__] += 1
        return False


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    panels = {**shell.panels(), "loss": LossPanel()}
    made = MainWindow(
        panels, theme=Theme(app, "light"), settings=Settings(tmp_path),
        layouts=LayoutStore(tmp_path),
    )  # fmt: skip
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    train, loss = panels["train"], panels["loss"]
    assert isinstance(train, TrainPanel)
    assert isinstance(loss, LossPanel)
    made.apply_phase(Phase.RUNNING)
    made.run_bar.set_batch_size(128)
    made.run_bar.show_run(shell.run_started())
    train.apply_phase(Phase.RUNNING)
    train.show_run(shell.run_started())
    loss.start_run(shell.run_started())
    report(made, 0)
    frame(made)
    qtbot.waitUntil(is_at_rest)
    return made


def is_at_rest() -> bool:
    """The first show is laid out and painted."""
    return not counted(QEvent.Type.LayoutRequest, QApplication.processEvents) and not counted(
        QEvent.Type.Paint, QApplication.processEvents
    )


def report(window: MainWindow, step: int) -> None:
    """One chunk of batches reaches everybody, at a speed with more or fewer digits than before."""
    chunk = shell.batches(step, images_per_second=9_000.0 if step % 2 else 21_000.0)
    window.run_bar.show_progress(chunk)
    for name in ("train", "objective"):
        window.docks[name].panel.show_progress(chunk)
    window.docks["loss"].panel.append_batches(chunk)


def frame(window: MainWindow) -> None:
    """What the frame clock calls."""
    window.run_bar.paint_frame()
    for name in ("train", "loss"):
        window.docks[name].panel.paint_frame()


def counted(kind: QEvent.Type, deed) -> Counter[str]:
    counting, app = Counting(kind), QApplication.instance()
    assert app is not None
    app.installEventFilter(counting)
    try:
        deed()
        QApplication.processEvents()
    finally:
        app.removeEventFilter(counting)
    return counting.seen


def test_that_the_progress_of_a_run_lays_nothing_out_anew(window: MainWindow) -> None:
    def train() -> None:
        for step in range(1, 12):
            report(window, step)
            frame(window)
            QApplication.processEvents()

    assert counted(QEvent.Type.LayoutRequest, train) == Counter()
    assert window.run_bar.sentence.startswith("epoch 1 of 10 · step 12")


def test_that_a_plain_label_would_be_caught(window: MainWindow) -> None:
    label = QLabel("1", window.docks["train"].panel)
    window.docks["train"].panel.layout().addWidget(label)
    QApplication.processEvents()

    def train() -> None:
        label.setText("step 1,203")

    assert counted(QEvent.Type.LayoutRequest, train)


def test_that_a_report_alone_repaints_nothing(window: MainWindow) -> None:
    seen = counted(QEvent.Type.Paint, lambda: report(window, 1))
    assert seen.keys() <= {"SchedulePreview", "QWidgetWindow"}  # its line moves pixel by pixel
    assert window.run_bar.is_dirty
    frame(window)
    assert not window.run_bar.is_dirty


def test_that_chunks_that_wait_for_a_frame_are_all_in_the_curves(window: MainWindow) -> None:
    loss = window.docks["loss"].panel
    assert isinstance(loss, LossPanel)
    for step in range(1, 2 * MOST_WAITING + 3):
        report(window, step)
    assert len(loss._waiting) < MOST_WAITING  # a dock that nobody sees does not pile them up
    assert len(loss.history) == 2 * MOST_WAITING + 3
    assert not loss._waiting
