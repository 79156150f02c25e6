"""A row of switches that are also the legend: a swatch, a name, the current number."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from vae_studio.ui import theme

Swatch = Literal["line", "dot", "ring"]
SWATCH_PX, PAD_PX = 12, 4


class LegendItem(QAbstractButton):
    """One entry; unchecked hides what it stands for. It never gets narrower: nothing jumps.

    ``role`` names a colour of the theme, ``colour`` a fixed one. Signal:
    ``shown_changed(str, bool)`` the entry's key and whether it is to be seen.
    """

    shown_changed = Signal(str, bool)

    def __init__(
        self, key: str, text: str, *, swatch: Swatch, role: str = "", colour: str = ""
    ) -> None:
        super().__init__()
        self.key = key
        self._role, self._colour, self._swatch = role, colour, swatch
        self._value = ""
        self._widest_px = 0.0
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._tell)

    @property
    def value(self) -> str:
        """The number shown."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show a number after the name."""
        if value == self._value:
            return
        self._value = value
        self.setAccessibleDescription(value)
        before = self._widest_px
        self._widest_px = max(before, QFontMetricsF(self._bold()).horizontalAdvance(value))
        if self._widest_px > before:
            self._widest_px += 6
            self.updateGeometry()
        self.update()

    @Slot(bool)
    def _tell(self, shown: bool) -> None:
        self.shown_changed.emit(self.key, shown)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        font.setFeature(QFont.Tag("tnum"), 1)  # digits of one width: the number stands still
        return font

    def _current_colour(self) -> QColor:
        chrome = theme.current().chrome
        if not self.isChecked():
            return QColor(chrome.muted)
        return QColor(self._colour or getattr(chrome, self._role))

    def _paint_swatch(self, painter: QPainter, middle: float) -> None:
        colour = self._current_colour()
        painter.setPen(QPen(colour, 1.5))
        full = self.isChecked() and self._swatch != "ring"
        painter.setBrush(colour if full else Qt.BrushStyle.NoBrush)
        if self._swatch != "line":
            painter.drawEllipse(QPointF(PAD_PX + 4, middle), 4, 4)
        else:
            painter.drawRoundedRect(QRectF(PAD_PX, middle - 1.5, 11, 3), 1, 1)

    # Qt
    def sizeHint(self) -> QSize:
        text = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        gap = 5 if self._widest_px else 0
        return QSize(round(2 * PAD_PX + SWATCH_PX + 4 + text + gap + self._widest_px), 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        chrome = theme.current().chrome
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            edge = QColor(chrome.accent) if self.hasFocus() else Qt.PenStyle.NoPen
            painter.setPen(edge)
            painter.setBrush(QColor(chrome.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        self._paint_swatch(painter, self.height() / 2)
        painter.setPen(QColor(chrome.text if self.isChecked() else chrome.muted))
        left = PAD_PX + SWATCH_PX + 4
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, self.width(), self.height()), flags, self.text())
        left += round(QFontMetricsF(self.font()).horizontalAdvance(self.text())) + 5
        painter.setFont(self._bold())
        painter.drawText(QRectF(left, 0, self.width(), self.height()), flags, self._value)
        painter.end()


class LegendRow(QWidget):
    """Legend entries side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        theme.current().changed.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, item: LegendItem) -> LegendItem:
        """Put ``item`` at the right end."""
        self._row.insertWidget(self._row.count() - 1, item)
        return item

    def clear(self) -> None:
        """Take all entries away."""
        while self._row.count() > 1:
            item = self._row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
