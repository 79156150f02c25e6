"""Garbage and accidents of the window's process."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

YOUNG_MS = 1_000
OLD_EVERY = 30  # young collections


class Housekeeper(QObject):
    """Collects cyclic garbage in the window's thread only: elsewhere it could destroy a widget.

    Its timer also lets Python see signals such as SIGTERM within a second.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.collect()
        gc.freeze()
        gc.disable()
        self._turns = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(YOUNG_MS)

    @Slot()
    def _collect(self) -> None:
        self._turns += 1
        gc.collect(2 if self._turns % OLD_EVERY == 0 else 0)

    def stop(self) -> None:
        """Give collecting back to Python; the end of the program is near."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def show_uncaught(window: Any) -> Callable[..., None]:
    """A sys.excepthook that tells the person once per accident, and goes on."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, Exception):
            from vae_studio.ui.dialogs.failure_dialog import FailureDialog

            details = "".join(traceback.format_exception(kind, error, trace))
            sentence = f"Something unexpected happened in the window ({kind.__name__}: {error})."
            FailureDialog(sentence, details, parent=window).open()

    return hook
