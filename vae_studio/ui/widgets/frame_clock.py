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
SLOWEST_MS = 200  # words that change less than 4 times a second look stuck
BUDGET = 0.02  # share of wall time for painting; each ms here costs a training on two cores two
SLICE_MS = 5.0  # a tick that has painted this long leaves the rest to the next one
SLACK_MS = 0.1  # less than this is rounding
LONGEST_MS = 1000  # a picture that waits longer looks stuck, whatever it costs


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

    def __init__(self, panel: FramePainter, words: bool) -> None:
        self.panel, self.words = panel, words
        self.painted_at = 0.0
        self.cost_ms = 0.0

    @property
    def lives(self) -> bool:
        return not isinstance(self.panel, QObject) or isValid(self.panel)

    @property
    def waits(self) -> bool:
        return self.panel.is_dirty and _on_screen(self.panel)

    def take_cost(self, cost_ms: float) -> None:
        """Into the mean."""
        self.cost_ms = cost_ms if not self.cost_ms else 0.8 * self.cost_ms + 0.2 * cost_ms


class FrameClock(QObject):
    """Paints registered panels on its own timer: words with every tick and all at once, then the
    picture that waited longest.

    A frame is measured whole: ``paint_frame`` and the repaint it causes, in the time that this
    thread itself worked (``now``), not in what it waited for others. While a run trains, what was
    spent is owed until ``BUDGET`` of the wall time has paid for it: the next tick comes then, but
    never sooner than ``FASTEST_MS`` nor later than ``SLOWEST_MS``, and a tick that comes with debts
    paints words only, unless no picture was painted for ``LONGEST_MS``.
    """

    def __init__(
        self, parent: QObject | None = None, *, now: Callable[[], float] = time.thread_time
    ) -> None:
        super().__init__(parent)
        self._entries: list[_Entry] = []
        self._now = now
        self._training = False
        self._owed_ms = 0.0  # painting that the budget does not cover yet
        self._without_ms = 0  # since the last picture
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)
        self._timer.start(FASTEST_MS)

    @property
    def interval_ms(self) -> int:
        """The pause before the next tick."""
        return self._timer.interval()

    def register(self, panel: FramePainter, *, words: bool = False) -> None:
        """Paint ``panel`` from now on, for as long as it lives. ``words``: it is a line or a gauge,
        costs next to nothing, and must not wait for pictures."""
        self._entries.append(_Entry(panel, words))

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
        """Paint what waits, at least one picture, until the slice is used up."""
        spent_ms = 0.0
        free = self._may_paint_pictures()
        self._entries = [entry for entry in self._entries if entry.lives]
        waiting = sorted((e for e in self._entries if e.waits), key=lambda e: e.painted_at)
        try:
            spent_ms += self._paint([entry for entry in waiting if entry.words])
            for entry in waiting:
                if free and not entry.words and spent_ms < SLICE_MS:
                    spent_ms += self._paint([entry])
                    self._without_ms = 0
        finally:  # a panel that fails must not stop the others' clock
            self._timer.start(self._pause_after(spent_ms))

    def _may_paint_pictures(self) -> bool:
        """The time since the last tick pays; whether enough."""
        self._owed_ms = max(0.0, self._owed_ms - BUDGET * self.interval_ms)
        self._without_ms += self.interval_ms
        return self._owed_ms < SLACK_MS or self._without_ms >= LONGEST_MS

    def _pause_after(self, spent_ms: float) -> int:
        if not self._training:
            self._owed_ms = 0.0
            return FASTEST_MS
        self._owed_ms = min(self._owed_ms + spent_ms, BUDGET * LONGEST_MS)
        return round(min(SLOWEST_MS, max(FASTEST_MS, self._owed_ms / BUDGET)))

    def _paint(self, entries: list[_Entry]) -> float:
        """Bring panels up to date with one repaint; what it cost."""
        started = self._now()
        for entry in entries:
            entry.panel.paint_frame()
        windows = {e.panel.window() for e in entries if isinstance(e.panel, QWidget)}
        for window in windows:  # paint now rather than later, so that the cost is seen
            QCoreApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest.value)
        painted_at = self._now()
        cost_ms = 1000 * (painted_at - started)
        for entry in entries:
            entry.painted_at = painted_at
            entry.take_cost(cost_ms / len(entries))
        return cost_ms


def _on_screen(panel: FramePainter) -> bool:
    if not isinstance(panel, QWidget):
        return True
    return not panel.window().isMinimized() and not panel.visibleRegion().isEmpty()
