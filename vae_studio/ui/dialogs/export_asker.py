"""When to ask for a preview: soon after a change, one at a time, the newest wish wins."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_studio.domain.grid import SampleGridSpec

DEBOUNCE_MS = 60  # a held arrow key changes a number every 30 ms
FOLLOW_MS = 2_000  # while training, the preview shows the model as it becomes
FOLLOW_SHARE = 0.025  # of the worker's time at most, however large the grid is


class PreviewAsker(QObject):
    """Signal: ``requested(SampleGridSpec)``; the next one waits for ``accept`` or ``fail``."""

    requested = Signal(object)

    def __init__(self, spec: Callable[[], SampleGridSpec], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._asked: SampleGridSpec | None = None
        self._asked_at = 0.0
        self._awake = False
        self._following = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    @property
    def is_waiting(self) -> bool:
        """A preview is being drawn, or is about to be asked for."""
        return self._asked is not None or self._timer.isActive()

    def set_awake(self, awake: bool) -> None:
        """Ask only while somebody can see the answer and a model can give one."""
        woke = awake and not self._awake
        self._awake = awake
        if not awake:
            self._timer.stop()
            self._asked = None  # an answer that still comes is taken for what it is
        elif woke:
            self.wish()

    def set_following(self, following: bool) -> None:
        """Ask again and again, because the model changes by itself."""
        changed, self._following = following != self._following, following
        if changed:
            self.wish()

    def wish(self) -> None:
        """The preview is out of date."""
        if self._awake:
            self._timer.start(DEBOUNCE_MS)

    def accept(self, spec: SampleGridSpec) -> bool:
        """An answer came; whether it is one to a wish of ours, old or new."""
        if spec not in (self._asked, self._spec()):
            if self._asked is not None:  # the worker answers the newest wish of all: ours was lost
                self._asked = None
                self._ask()
            return False
        took_ms = (time.monotonic() - self._asked_at) * 1000
        outdated, self._asked = spec != self._spec(), None
        if outdated:
            self._ask()
        elif self._following and self._awake and not self._timer.isActive():
            self._timer.start(round(max(FOLLOW_MS, took_ms / FOLLOW_SHARE)))
        return True

    def fail(self) -> bool:
        """No answer will come; whether one was awaited. Only a newer wish is asked for again."""
        failed, self._asked = self._asked, None
        if failed is not None and failed != self._spec():
            self._ask()
        return failed is not None

    @Slot()
    def _ask(self) -> None:
        if self._asked is None and self._awake:
            self._timer.stop()
            self._asked = self._spec()
            self._asked_at = time.monotonic()
            self.requested.emit(self._asked)
