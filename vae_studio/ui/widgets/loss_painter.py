"""Draws one frame of the loss plot from a scene and the history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_studio.domain.history import MetricHistory
from vae_studio.domain.palette import Chrome
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.curve_painter import CurvePainter, smoothed
from vae_studio.ui.widgets.loss_scene import MAIN, STRIP, Curve, LossScene, Reading
from vae_studio.ui.widgets.pixels import faded, mixed

MOST_MARKERS = 300
MARKER_PX, STRIP_LINE_PX = 3.5, 1.5
RIGHT_TEXT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
UNDER_TEXT = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True)
class LossPainter:
    """One frame; ``readings`` holds the visible series by name."""

    scene: LossScene
    readings: dict[str, Reading]
    chrome: Chrome

    def paint_axes(self, painter: QPainter) -> None:
        """Grid, ticks and labels."""
        self._paint_values_axis(painter)
        self._paint_steps_axis(painter)
        if self.scene.strip is not None:
            painter.fillRect(self.scene.strip, faded(self.chrome.raised, 0.6))

    def paint_curves(self, painter: QPainter, history: MetricHistory) -> None:
        """Curves, schedules and, where wished for, validation points."""
        shown = [curve for curve in reversed(MAIN) if curve.name in self.readings]
        for curve in shown:
            self._paint_curve(painter, curve)
        self._paint_strip(painter)
        painter.setClipRect(self.scene.main.adjusted(0, -MARKER_PX, 0, MARKER_PX))
        for curve in shown:
            self._paint_validation(painter, curve, history)
        painter.setClipping(False)

    def paint_peak(self, painter: QPainter) -> None:
        """Say how high the values go that the scale leaves out."""
        highs = [self.readings[c.name].visible.high for c in MAIN if c.name in self.readings]
        peak = max((float(np.nanmax(h)) for h in highs if np.isfinite(h).any()), default=0.0)
        if peak > 1.25 * self.scene.values.high:
            painter.setPen(QColor(self.chrome.muted))
            room = self.scene.main.adjusted(8, 2, -8, 0)
            text = f"▲ first steps up to {axis.number(peak, 0)}"
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, text)

    def value_ticks(self) -> list[float]:
        """Where horizontal lines lie."""
        low, high = self.scene.values.low, self.scene.values.high
        if self.scene.log:
            return axis.log_ticks(low, high)
        return axis.ticks(low, high, max(2, int(self.scene.main.height() // 36)))

    def _paint_values_axis(self, painter: QPainter) -> None:
        scene, marks = self.scene, self.value_ticks()
        step = marks[1] - marks[0] if len(marks) > 1 else 1.0
        ys = scene.y_of(np.array(marks, np.float64))
        for value, y in zip(marks, ys, strict=True):
            painter.setPen(QPen(QColor(self._grid_colour()), 1))
            painter.drawLine(QPointF(scene.main.left(), y), QPointF(scene.main.right(), y))
            painter.setPen(QColor(self.chrome.muted))
            text = axis.short(value) if scene.log else axis.tick_label(value, step)
            painter.drawText(QRectF(0, y - 9, scene.main.left() - 8, 18), RIGHT_TEXT, text)

    def _paint_steps_axis(self, painter: QPainter) -> None:
        scene = self.scene
        bottom = (scene.strip or scene.main).bottom()
        marks = axis.ticks(
            scene.window.left, scene.window.right, max(2, int(scene.main.width() // 90)), whole=True
        )
        marks = [mark for mark in marks if mark >= 0]
        for mark, x in zip(marks, scene.x_of(np.array(marks, np.float64)), strict=True):
            painter.setPen(QPen(QColor(self._grid_colour()), 1))
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 4))
            painter.setPen(QColor(self.chrome.muted))
            room = min(44.0, x, scene.main.right() + 12 - x)
            left = x - 44 if room >= 44 else scene.main.right() + 12 - 88
            flags = UNDER_TEXT if room >= 44 else RIGHT_TEXT
            text = axis.number(mark, 0)
            painter.drawText(QRectF(left, bottom + 5, 88, 16), flags, text)

    def _paint_curve(self, painter: QPainter, curve: Curve) -> None:
        reading = self.readings[curve.name]
        if len(reading.curve.steps):
            self._curves(painter, self.scene.main).draw(
                reading.curve, self.scene.x_of(reading.curve.steps), self.scene.y_of,
                line_N=smoothed(reading.curve.mean, reading.sigma), seen=reading.seen,
                colour=curve.colour(self.chrome),
            )  # fmt: skip

    def _curves(self, painter: QPainter, area: QRectF) -> CurvePainter:
        return CurvePainter(painter, area, painter.device().devicePixelRatio())

    def _paint_validation(self, painter: QPainter, curve: Curve, history: MetricHistory) -> None:
        values = history.validation.get(curve.name, [])
        steps = np.array(history.validation_steps[: len(values)], np.float64)
        keep = np.flatnonzero(
            (steps >= self.scene.window.left) & (steps <= self.scene.window.right)
        )
        keep = keep[:: max(1, len(keep) // MOST_MARKERS)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(curve.colour(self.chrome)), 1.5))
        painter.setBrush(QColor(self.chrome.panel))
        ys = self.scene.y_of(np.array(values, np.float64)[keep])
        for x, y in zip(self.scene.x_of(steps[keep]), ys, strict=True):
            if np.isfinite(y):
                painter.drawEllipse(QPointF(x, y), MARKER_PX, MARKER_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_strip(self, painter: QPainter) -> None:
        strip = self.scene.strip
        if strip is None:
            return
        shown = [curve for curve in STRIP if curve.name in self.readings]
        for place, curve in enumerate(shown):
            self._paint_strip_curve(painter, curve, strip, place)

    def _paint_strip_curve(
        self, painter: QPainter, curve: Curve, strip: QRectF, place: int
    ) -> None:
        visible = self.readings[curve.name].visible
        values = visible.mean.astype(np.float64)
        finite = values[np.isfinite(values)]
        if not len(finite):
            return
        top = float(finite.max()) or 1.0
        y_N = strip.bottom() - 2 - values / top * (strip.height() - 6)
        x_N, colour = self.scene.x_of(visible.steps), curve.colour(self.chrome)
        self._curves(painter, strip).draw_line(x_N, y_N, colour, STRIP_LINE_PX)
        painter.setPen(QColor(curve.colour(self.chrome)))
        label = QRectF(0, strip.top() - 2 + 17 * place, strip.left() - 8, 18)
        painter.drawText(label, RIGHT_TEXT, f"{top:.3g}")

    def _grid_colour(self) -> str:
        return mixed(self.chrome.panel, self.chrome.border, 0.75)
