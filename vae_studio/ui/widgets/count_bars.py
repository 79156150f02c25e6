"""Counts as bars: how often each value or each class occurs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vae_studio.ui import theme


class CountBars(QWidget):
    """One bar a count, as high as its share of the largest. Small counts stay visible: their bar is
    a pixel high at least, and with ``roots`` heights are square roots.
    """

    def __init__(self, name: str, *, height_px: int, roots: bool = False) -> None:
        super().__init__()
        self._counts = np.zeros(0)
        self._captions: tuple[str, ...] = ()
        self._colours: tuple[str, ...] = ()
        self._height_px, self._roots = height_px, roots
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_counts(
        self, counts: Sequence[int], captions: Sequence[str] = (), colours: Sequence[str] = ()
    ) -> None:
        """Show these, each with its tooltip; without colours in the accent of the theme."""
        self._counts = np.asarray(counts, np.float64)
        self._captions, self._colours = tuple(captions), tuple(colours)
        self.setAccessibleDescription("; ".join(captions[:20]))
        self.update()

    def caption_at(self, x: float) -> str:
        """The tooltip of the bar at a place across the widget."""
        index = int(x / max(1, self.width()) * len(self._counts))
        return self._captions[index] if 0 <= index < len(self._captions) else ""

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(120, self._height_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chrome = theme.current().chrome
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(chrome.border))
        if len(self._counts):
            heights = np.sqrt(self._counts) if self._roots else self._counts
            heights = heights / max(1.0, heights.max()) * (self.height() - 2)
            width = self.width() / len(heights)
            gap = 1 if width >= 4 else 0
            for index in np.flatnonzero(self._counts):
                colour = self._colours[index] if self._colours else chrome.accent
                top = max(1.0, heights[index])
                bar = QRectF(index * width, self.height() - 1 - top, max(width - gap, 1), top)
                painter.fillRect(bar, QColor(colour))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.caption_at(event.pos().x()), self)
            return True
        return super().event(event)
