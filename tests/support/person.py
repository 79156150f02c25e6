"""A person at the app: finds what is on screen by its name, clicks it, types into it, waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QFileDialog,
    QLineEdit,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from support.reports import Reports
from vae_studio import app as app_module
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.phase import Phase
from vae_studio.runs.library import RunListing, list_runs
from vae_studio.ui import theme

LONG_MS = 30_000
W = TypeVar("W", bound=QWidget)

#: A small net on the bundled pictures: 108 steps an epoch.
SMALL = {
    "model.net": "mlp", "model.options.width": 24, "train.batch_size": 100,
    "train.precision": "fp32", "train.device": "cpu", "train.epochs": 1,
}  # fmt: skip
FOREVER = {"train.epochs": 10_000}


def small_config(changes: dict[str, Any] | None = None) -> RunConfig:
    """SMALL with changes by path."""
    config = RunConfig()
    for path, value in {**SMALL, **(changes or {})}.items():
        config = with_value(config, path, value)
    return config


class Person:
    """Looks at a running app and uses it. Everything waits for what can be seen."""

    def __init__(self, qtbot: QtBot, *, changes: dict[str, Any] | None = None) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.qtbot = qtbot
        self.studio = app_module.App(application)
        self.studio.desk.reset(small_config(changes))
        self.window, self.panels = self.studio.window, self.studio.panels
        self.reports = Reports(self.studio.worker)
        self.told: list[tuple[str, Any]] = []
        for name in ("data_loaded", "engine_ready", "model_changed", "batches_trained",
                     "knob_turned", "grid_previewed", "grid_exported", "run_finished"):  # fmt: skip
            getattr(self.reports, name).connect(self._hears(name))

    def _hears(self, name: str) -> Callable[[Any], None]:
        return lambda report: self.told.append((name, report))

    # -- seeing --------------------------------------------------------------------------------

    def heard(self, name: str) -> list[Any]:
        """All reports of a kind so far."""
        return [report for kind, report in self.told if kind == name]

    def until(self, seen: Callable[[], Any], timeout_ms: int = LONG_MS) -> None:
        """Wait until it can be seen."""
        self.qtbot.waitUntil(lambda: bool(seen()), timeout=timeout_ms)

    def until_phase(self, phase: Phase) -> None:
        """Wait until the window is in a phase."""
        self.until(lambda: self.window.phase is phase)

    @contextmanager
    def expecting(self, name: str) -> Iterator[list[Any]]:
        """Wait after the block for a new report; gives the list that will hold what came."""
        before, new = len(self.heard(name)), []
        yield new
        self.until(lambda: len(self.heard(name)) > before)
        new.extend(self.heard(name)[before:])

    def batches(self) -> int:
        """How many batches the loss plot holds."""
        return len(self.panels.loss.history)

    def column(self, name: str) -> np.ndarray:
        """A series of the loss plot, every batch."""
        return np.array(self.panels.loss.history.series(name).values())

    def decoded(self) -> bytes:
        """The decoded picture."""
        return self.panels.decoded.picture.pictures.tobytes()

    def progress(self) -> int:
        """Where the bar in the toolbar stands."""
        return self.window.run_bar.findChild(QProgressBar).value()

    def log(self) -> str:
        """The log as it can be read."""
        return self.panels.log.shown_text

    def dialog(self, kind: type[W]) -> W:
        """Wait for a dialog of a kind to be open."""
        self.until(lambda: self._open(kind))
        return self._open(kind)[0]

    def _open(self, kind: type[W]) -> list[W]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    # -- doing ---------------------------------------------------------------------------------

    def starts(self) -> Person:
        """Open the window and wait until the bundled example is on the canvas."""
        self.window.show()
        self.window.activateWindow()
        self.until(lambda: self.heard("model_changed") and self.decoded())
        self.until(self.button("Train").isEnabled)
        return self

    def button(self, text: str, inside: QWidget | None = None) -> QAbstractButton:
        """The visible button with this word, in the toolbar unless another place is given."""
        place = inside or self.window.run_bar
        found = [
            button for button in place.findChildren(QAbstractButton)
            if text in (button.text(), button.accessibleName()) and button.isVisible()
        ]  # fmt: skip
        assert found, f"no visible button says '{text}'"
        return found[0]

    def click(self, text: str, inside: QWidget | None = None) -> None:
        """Click a button that can be clicked."""
        button = self.button(text, inside)
        assert button.isEnabled(), f"'{text}' is grey"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def click_canvas(self, across: float, down: float) -> None:
        """Click the map by fraction of its widget."""
        canvas = self.panels.canvas.canvas
        spot = QPoint(int(canvas.width() * across), int(canvas.height() * down))
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=spot)

    def type_into(self, field: QWidget, text: str) -> None:
        """Replace what a number field says, and press Return."""
        assert isinstance(field, QAbstractSpinBox)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def trains(self, batches: int = 5) -> None:
        """Press Train and wait for some batches."""
        self.click("Train")
        self.until_phase(Phase.RUNNING)
        self.until(lambda: self.batches() >= batches)

    def choose_file(self, path: Path) -> None:
        """Answer the open file dialog."""
        dialog = self.dialog(QFileDialog)
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(path))  # typing would open a list that grabs the keyboard
        dialog.accept()

    def run(self) -> RunListing:
        """The only run there is."""
        (listing,) = list_runs()
        return listing

    def leaves(self) -> None:
        """End the app in order, whatever it was doing, and take it off the screen."""
        if self.window.isVisible():
            self.window.confirm_close()
        self.studio.shut_down()
        assert self.studio.thread_of_worker.isFinished() or not self.batches()
        _dispose(self.studio)


def _dispose(studio: app_module.App) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setProperty(theme._PROPERTY, None)
    for part in (studio.window, studio.theme, studio):
        part.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.setStyleSheet("")
    application.setPalette(application.style().standardPalette())
    application.styleHints().unsetColorScheme()
