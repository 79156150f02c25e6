"""What lies over the map: axes, the chosen code, a posterior's ellipse, a sentence when empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_studio.domain.palette import Chrome
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.canvas_view import CanvasView
from vae_studio.ui.widgets.pixels import faded

CENTRED = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
RING_PX = 8.0
TICK_EVERY_PX = 64


@dataclass(frozen=True)
class CanvasOverlay:
    """Draws around and over the rectangle ``area`` of the widget that shows ``view``."""

    view: CanvasView
    area: QRectF
    chrome: Chrome

    def paint_axes(self, painter: QPainter, labels: tuple[str, str], *, line: bool) -> None:
        """Ticks and unit names outside the map; a line has no vertical scale."""
        left, right, bottom, top = self.view.extent
        marks = axis.ticks(left, right, max(2, int(self.area.width() // TICK_EVERY_PX)))
        step = marks[1] - marks[0] if len(marks) > 1 else 1.0
        painter.setPen(QColor(self.chrome.muted))
        for mark in marks:
            x = self._at(mark, 0.0).x()
            if x < self.area.right() - 26:
                box = QRectF(x - 30, self.area.bottom() + 3, 60, 16)
                painter.drawText(box, CENTRED, axis.tick_label(mark, step))
        if not line:
            self._paint_rising_axis(painter, axis.ticks(
                bottom, top, max(2, int(self.area.height() // TICK_EVERY_PX))
            ), labels[1])  # fmt: skip
        painter.setPen(QColor(self.chrome.text))
        box = QRectF(self.area.right() - 40, self.area.bottom() + 3, 40, 16)
        painter.drawText(box, RIGHT, labels[0])

    def _paint_rising_axis(self, painter: QPainter, marks: list[float], label: str) -> None:
        step = marks[1] - marks[0] if len(marks) > 1 else 1.0
        for mark in marks:
            y = self._at(0.0, mark).y()
            if y > self.area.top() + 20:
                box = QRectF(0, y - 8, self.area.left() - 6, 16)
                painter.drawText(box, RIGHT, axis.tick_label(mark, step))
        painter.setPen(QColor(self.chrome.text))
        painter.drawText(QRectF(0, self.area.top(), self.area.left() - 6, 16), RIGHT, label)

    def paint_cursor(self, painter: QPainter, u: float, v: float, *, line: bool) -> None:
        """Ring and cross at the chosen code, readable on any ground."""
        spot = self._at(u, v)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner, outer = RING_PX - 3, RING_PX + 5
        for colour, width in ((self.chrome.panel, 4.5), (self.chrome.text, 1.75)):
            painter.setPen(
                QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            if line:
                top, bottom = self.area.top(), self.area.bottom()
                painter.drawLine(QPointF(spot.x(), top), QPointF(spot.x(), bottom))
            painter.drawEllipse(spot, RING_PX, RING_PX)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(
                    spot + QPointF(dx * inner, dy * inner), spot + QPointF(dx * outer, dy * outer)
                )

    def paint_ellipse(
        self, painter: QPainter, u: float, v: float, spread: tuple[float, float], colour: str
    ) -> None:
        """Two posterior σ around an encoded picture's mean, and the mean itself."""
        spot = self._at(u, v)
        across, up = (max(2.0, 2 * sigma * self.view.scale) for sigma in spread)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shade, width in ((self.chrome.panel, 3.5), (colour, 1.75)):
            painter.setPen(QPen(QColor(shade), width))
            painter.setBrush(faded(colour, 0.14) if width < 3 else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot, across, up)
        painter.setPen(QPen(QColor(self.chrome.panel), 1.5))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(spot, 4.5, 4.5)

    def paint_sentence(self, painter: QPainter, sentence: str) -> None:
        """What to do, in the middle of the empty map."""
        painter.setPen(QColor(self.chrome.muted))
        painter.drawText(self.area, CENTRED | Qt.TextFlag.TextWordWrap, sentence)

    def _at(self, u: float, v: float) -> QPointF:
        x, y = self.view.pixels_of(np.array([u, v]))
        return self.area.topLeft() + QPointF(float(x), float(y))
