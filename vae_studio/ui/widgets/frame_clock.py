"""Holds the paint budget: dirty, visible panels are painted in turn, as often as is affordable."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from vae_studio.domain.phase import Phase

FASTEST_MS = 33  # the eye needs no more than 30 pictures a second
SLOWEST_MS = 250  # slower than 4 Hz looks stuck
BUDGET = 0.02  # share of wall time for painting; each ms here costs a training on two cores two
SLICE_MS = 5.0  # a tick that has painted this long leaves the rest to the next one


class FramePainter(Protocol):
    """What the clock needs of a panel; every panel is also a QWidget."""

    @property
    def is_dirty(self) -> bool:
        """Something changed since the last ``paint_frame``."""
        ...

    def paint_frame(self) -> None:
        """Bring the picture up to date and become clean."""
        ...


class _Entry:
    """A panel, when it was painted last and what a frame of it costs (running mean)."""

    def __init__(self, panel: FramePainter) -> None:
        self.panel = panel
        self.painted_at = 0.0
        self.cost_ms = 0.0

    @property
    def lives(self) -> bool:
        return not isinstance(self.panel, QObject) or isValid(self.panel)

    @property
    def waits(self) -> bool:
        return self.panel.is_dirty and _on_screen(self.panel)


class FrameClock(QObject):
    """Paints registered panels on its own timer, the one that waited longest first.

    A frame is measured whole: ``paint_frame`` and the repaint it causes. While a run trains, the
    next tick comes when the last one's cost is at most ``BUDGET`` of the wall time, but never
    sooner than ``FASTEST_MS`` nor later than ``SLOWEST_MS``.
    """

    def __init__(
        self, parent: QObject | None = None, *, now: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(parent)
        self._entries: list[_Entry] = []
        self._now = now
        self._training = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)
        self._timer.start(FASTEST_MS)

    @property
    def interval_ms(self) -> int:
        """The pause before the next tick."""
        return self._timer.interval()

    def register(self, panel: FramePainter) -> None:
        """Paint ``panel`` from now on, for as long as it lives."""
        self._entries.append(_Entry(panel))

    def cost_ms(self, panel: FramePainter) -> float:
        """What a frame of ``panel`` costs, as a running mean; 0 before the first."""
        return next((entry.cost_ms for entry in self._entries if entry.panel is panel), 0.0)

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Only a running batch loop needs to be spared."""
        self._training = phase in (Phase.PREPARING, Phase.RUNNING)

    @Slot()
    def stop(self) -> None:
        """Paint no more; for the end of the program."""
        self._timer.stop()
        self._entries.clear()

    @Slot()
    def tick(self) -> None:
        """Paint what waits, at least one panel, until the slice is used up."""
        spent_ms = 0.0
        self._entries = [entry for entry in self._entries if entry.lives]
        waiting = sorted((e for e in self._entries if e.waits), key=lambda e: e.painted_at)
        try:
            for entry in waiting:
                spent_ms += self._paint(entry)
                if spent_ms >= SLICE_MS:
                    break
        finally:  # a panel that fails must not stop the others' clock
            self._timer.start(self._pause_after(spent_ms))

    def _pause_after(self, spent_ms: float) -> int:
        if not self._training:
            return FASTEST_MS
        return round(min(SLOWEST_MS, max(FASTEST_MS, spent_ms / BUDGET)))

    def _paint(self, entry: _Entry) -> float:
        started = self._now()
        entry.panel.paint_frame()
        if isinstance(entry.panel, QWidget):
            # paint now rather than later, so that the cost is seen
            QCoreApplication.sendPostedEvents(entry.panel.window(), QEvent.Type.UpdateRequest.value)
        entry.painted_at = self._now()
        cost_ms = 1000 * (entry.painted_at - started)
        entry.cost_ms = cost_ms if not entry.cost_ms else 0.8 * entry.cost_ms + 0.2 * cost_ms
        return cost_ms


def _on_screen(panel: FramePainter) -> bool:
    if not isinstance(panel, QWidget):
        return True
    return not panel.window().isMinimized() and not panel.visibleRegion().isEmpty()
