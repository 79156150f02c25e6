"""KL per unit as bars sorted by KL, readable at 2 units and at 128.

Few units are rows with a name and a number each; many are columns, named here and there.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.plane import unit_label
from vae_studio.ui import theme
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.pixels import mixed
from vae_studio.ui.widgets.unit_pair import units_by_kl

ROW_PX, TALLEST_ROW_PX = 15.0, 26.0
NAME_PX, NUMBER_PX, HEAD_PX, FOOT_PX, MARK_GAP_PX = 32.0, 40.0, 9.0, 18.0, 4.0
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class UnitBars(QWidget):
    """Draws a ``UnitsMeasured``; unused units are muted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: UnitsMeasured | None = None
        self._order: tuple[int, ...] = ()
        self._top = 1.0
        self._empty_text = ""
        self._hovered: int | None = None
        self.setAccessibleName("KL per unit")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def order(self) -> tuple[int, ...]:
        """Units from the largest KL to the smallest."""
        return self._order

    @property
    def in_rows(self) -> bool:
        """Whether there is room for a row per unit."""
        return len(self._order) * ROW_PX <= self.height()

    def set_empty_text(self, sentence: str) -> None:
        """What to say while nothing was measured."""
        self._empty_text = sentence
        self.update()

    def show_units(self, measured: UnitsMeasured | None) -> None:
        """Draw these measurements, or none."""
        self._measured = measured
        self._order = units_by_kl(measured.kl_D) if measured is not None else ()
        if measured is not None and len(self._order):
            finite = measured.kl_D[np.isfinite(measured.kl_D)]
            top = float(finite.max()) if len(finite) else 0.0
            if not 0.6 * self._top <= top <= self._top:  # the scale rests while it fits
                step = axis.nice_step(max(top, 0.05), 4)
                self._top = float(np.ceil(max(top, 0.05) / step) * step)
            self.setAccessibleDescription("; ".join(self.words(u) for u in self._order[:10]))
        self.update()

    def bar(self, place: int) -> QRectF:
        """The room of the bar at a place in the order."""
        count = max(1, len(self._order))
        if self.in_rows:
            height = min(TALLEST_ROW_PX, self.height() / count)
            width = self.width() - NAME_PX - NUMBER_PX
            return QRectF(NAME_PX, place * height, max(1.0, width), height)
        width = (self.width() - NAME_PX) / count
        height = max(1.0, self.height() - HEAD_PX - FOOT_PX)
        return QRectF(NAME_PX + place * width, HEAD_PX, width, height)

    def unit_at(self, position: QPointF) -> int | None:
        """The unit under a point of the widget."""
        for place, unit in enumerate(self._order):
            room = self.bar(place)
            if self.in_rows and room.top() <= position.y() < room.bottom():
                return unit
            if not self.in_rows and room.left() <= position.x() < room.right():
                return unit
        return None

    def words(self, unit: int) -> str:
        """Everything measured about one unit."""
        measured = self._measured
        if measured is None:
            return ""
        state = "" if measured.active[unit] else " · unused (Var of the mean ≤ 0.01)"
        return (
            f"{unit_label(unit)} · KL {axis.short(float(measured.kl_D[unit]))} nats"
            f" · σ {axis.short(float(measured.sigma_D[unit]))}"
            f" · Var of the mean {axis.short(float(measured.mean_variance_D[unit]))}{state}"
        )

    def marks(self) -> list[tuple[float, str]]:
        """The ticks of the scale beside the columns, in nats, and what stands there."""
        marks = axis.ticks(0.0, self._top, 3)
        step = marks[1] - marks[0] if len(marks) > 1 else self._top
        return [(mark, axis.tick_label(mark, step)) for mark in marks]

    def _colour(self, unit: int) -> QColor:
        chrome = theme.current().chrome
        active = self._measured is not None and bool(self._measured.active[unit])
        colour = chrome.kl if active else mixed(chrome.panel, chrome.muted, 0.5)
        return QColor(mixed(colour, chrome.text, 0.25) if unit == self._hovered else colour)

    def _share(self, unit: int) -> float:
        value = float(self._measured.kl_D[unit]) if self._measured is not None else 0.0
        return min(1.0, max(0.0, value / self._top)) if np.isfinite(value) else 0.0

    def _paint_rows(self, painter: QPainter) -> None:
        assert self._measured is not None
        chrome = theme.current().chrome
        for place, unit in enumerate(self._order):
            room = self.bar(place)
            inset = max(1.5, room.height() * 0.16)
            bar = room.adjusted(0, inset, 0, -inset)
            bar.setWidth(max(1.0, self._share(unit) * room.width()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(unit))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(QColor(chrome.text if self._measured.active[unit] else chrome.muted))
            name = QRectF(0, room.top(), NAME_PX - 8, room.height())
            painter.drawText(name, RIGHT, unit_label(unit))
            painter.setPen(QColor(chrome.muted))
            number = QRectF(bar.right() + 6, room.top(), NUMBER_PX, room.height())
            painter.drawText(number, LEFT, axis.number(float(self._measured.kl_D[unit]), 2))

    def _paint_columns(self, painter: QPainter) -> None:
        chrome = theme.current().chrome
        room = self.bar(0)
        for mark, text in self.marks():
            y = room.bottom() - mark / self._top * room.height()
            painter.setPen(QPen(QColor(chrome.border), 1))
            painter.drawLine(QPointF(NAME_PX, y), QPointF(self.width(), y))
            painter.setPen(QColor(chrome.muted))
            box = QRectF(0, y - 8, NAME_PX - MARK_GAP_PX, 16)
            painter.drawText(box, RIGHT, text)
        every = max(1, int(np.ceil(26 / max(room.width(), 0.1))))
        for place, unit in enumerate(self._order):
            room = self.bar(place)
            gap = 1.0 if room.width() > 3 else 0.0
            height = max(1.0, self._share(unit) * room.height())
            bar = QRectF(room.left(), room.bottom() - height, max(1.0, room.width() - gap), height)
            painter.fillRect(bar, self._colour(unit))
            if place % every == 0 and room.left() + 28 <= self.width():
                box = QRectF(room.left(), room.bottom() + 2, 28, FOOT_PX - 2)
                painter.drawText(box, LEFT, unit_label(unit))

    # Qt
    def sizeHint(self) -> QSize:
        rows = min(max(len(self._order), 2), 8)
        return QSize(240, round(rows * TALLEST_ROW_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._order:
            painter.setPen(QColor(theme.current().chrome.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), flags, self._empty_text)
        elif self.in_rows:
            self._paint_rows(painter)
        else:
            self._paint_columns(painter)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            unit = self.unit_at(QPointF(event.pos()))
            if unit is not None:
                QToolTip.showText(event.globalPos(), self.words(unit), self)
                return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = self.unit_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()
