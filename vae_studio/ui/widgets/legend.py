"""A row of switches that are also the legend: a swatch, a name, the current number."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from vae_studio.ui import theme

Swatch = Literal["line", "dot", "ring"]
SWATCH_PX, PAD_PX, LINE_PX = 12, 4, 24


class LegendItem(QAbstractButton):
    """One entry; unchecked hides what it stands for. It never gets narrower: nothing jumps.

    ``role`` names a colour of the theme, ``colour`` a fixed one. Signal:
    ``shown_changed(str, bool)`` the entry's key and whether it is to be seen; ``grown()`` it
    needs more room.
    """

    shown_changed = Signal(str, bool)
    grown = Signal()

    def __init__(
        self, key: str, text: str, *, swatch: Swatch, role: str = "", colour: str = ""
    ) -> None:
        super().__init__()
        self.key = key
        self._role, self._colour, self._swatch = role, colour, swatch
        self._value = ""
        self._widest_px = 0.0
        self._bold_of: QFont | None = None
        self._bold_font = QFont()
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
            self.grown.emit()
        self.update()

    @Slot(bool)
    def _tell(self, shown: bool) -> None:
        self.shown_changed.emit(self.key, shown)

    def _bold(self) -> QFont:
        if self._bold_of != self.font():
            self._bold_of = QFont(self.font())
            self._bold_font = QFont(self.font())
            self._bold_font.setWeight(QFont.Weight.DemiBold)
            # digits of one width: the number stands still
            self._bold_font.setFeature(QFont.Tag("tnum"), 1)
        return self._bold_font

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
    """Legend entries side by side, in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[LegendItem] = []
        theme.current().changed.connect(self.update)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def items(self) -> tuple[LegendItem, ...]:
        """The entries from left to right."""
        return tuple(self._items)

    def add(self, item: LegendItem) -> LegendItem:
        """Put ``item`` at the end."""
        item.setParent(self)
        item.show()
        self._items.append(item)
        item.grown.connect(self._lay_out)
        self._lay_out()
        return item

    def clear(self) -> None:
        """Take all entries away."""
        for item in self._items:
            item.hide()
            item.deleteLater()
        self._items = []
        self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        self._placed(self.width(), place=True)
        self.updateGeometry()

    def _placed(self, width: int, *, place: bool) -> int:
        """The height the entries need at ``width``."""
        x = y = 0
        for item in self._items:
            size = item.sizeHint()
            if x and x + size.width() > width:
                x, y = 0, y + LINE_PX
            if place:
                item.setGeometry(x, y, size.width(), size.height())
            x += size.width() + PAD_PX
        return y + LINE_PX

    # Qt
    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(width, place=False)

    def sizeHint(self) -> QSize:
        width = sum(item.sizeHint().width() + PAD_PX for item in self._items)
        return QSize(max(1, width), self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        widest = max((item.sizeHint().width() for item in self._items), default=1)
        return QSize(widest, LINE_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._placed(self.width(), place=True)
