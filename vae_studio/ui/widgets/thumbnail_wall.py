"""A wall of any number of small pictures, of which only those in sight are drawn.

Shapes: pictures are uint8 (C, H, W); M of all pictures are on the wall.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from vae_studio.ui import theme
from vae_studio.ui.widgets.pixels import image_of

GAP_PX = 4
SIDES_PX = (32, 48, 64, 96, 128, 192)
KEPT = 3_000  # pictures made ready: a few screens, so that scrolling back is free

#: The picture (C, H, W) with a number, and a sentence about it.
Draw = Callable[[int], NDArray[np.uint8]]
Tell = Callable[[int], str]


class ThumbnailWall(QAbstractScrollArea):
    """Signals: ``current_changed(int)`` the number of the picture that was chosen, −1 for none;
    ``activated(int)`` it was double-clicked."""

    current_changed = Signal(int)
    activated = Signal(int)

    def __init__(self, draw: Draw, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw, self._tell = draw, tell
        self._numbers_M = np.zeros(0, np.int64)
        self._ready: OrderedDict[int, QImage] = OrderedDict()
        self._side_px = 64
        self._current = -1  # the place on the wall
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Pictures")
        theme.current().changed.connect(self.viewport().update)

    @property
    def current(self) -> int:
        """The number of the chosen picture, −1 for none."""
        return int(self._numbers_M[self._current]) if self._current >= 0 else -1

    @property
    def columns(self) -> int:
        """Pictures side by side."""
        return max(1, (self.viewport().width() - GAP_PX) // self._pitch)

    @property
    def drawn(self) -> int:
        """Pictures that are ready to be painted, for who wants to know what scrolling costs."""
        return len(self._ready)

    def set_numbers(self, numbers_M: NDArray[np.int64]) -> None:
        """Hang these pictures, in this order, from the first one on."""
        self._numbers_M = numbers_M
        self.verticalScrollBar().setValue(0)
        self._fit()
        self.choose(-1)

    def set_side(self, side_px: int) -> None:
        """The side of a picture on the wall, in pixels; what was at the top stays there."""
        first = self._first_row() * self.columns
        self._side_px = side_px
        self._fit()
        self.verticalScrollBar().setValue(first // self.columns * self._pitch)

    def choose(self, place: int) -> None:
        """Choose the picture at a place on the wall (−1: none) and bring it into sight."""
        self._current = min(place, len(self._numbers_M) - 1)
        if self._current >= 0:
            top = self._current // self.columns * self._pitch
            bar, room = self.verticalScrollBar(), self.viewport().height() - self._pitch - GAP_PX
            bar.setValue(min(max(bar.value(), top - room), top))
        self.viewport().update()
        self.current_changed.emit(self.current)

    def place_at(self, point: QPoint) -> int:
        """The place on the wall under a point of the view, −1 where there is none."""
        column, x = divmod(point.x() - GAP_PX, self._pitch)
        row, y = divmod(point.y() + self.verticalScrollBar().value() - GAP_PX, self._pitch)
        place = row * self.columns + column
        inside = 0 <= column < self.columns and x < self._side_px and y < self._side_px
        return place if inside and 0 <= place < len(self._numbers_M) else -1

    @property
    def _pitch(self) -> int:
        return self._side_px + GAP_PX

    def _first_row(self) -> int:
        return max(0, self.verticalScrollBar().value() - GAP_PX) // self._pitch

    def _fit(self) -> None:
        rows = -(-len(self._numbers_M) // self.columns)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, rows * self._pitch + GAP_PX - height))
        bar.setPageStep(max(1, height - self._pitch))
        bar.setSingleStep(self._pitch // 2)
        self.viewport().update()

    def _image(self, number: int) -> QImage:
        image = self._ready.pop(number, None)
        if image is None:
            image = image_of(self._draw(number).transpose(1, 2, 0))
        self._ready[number] = image
        if len(self._ready) > KEPT:
            self._ready.popitem(last=False)
        return image

    def _rect(self, place: int) -> QRect:
        row, column = divmod(place, self.columns)
        top = GAP_PX + row * self._pitch - self.verticalScrollBar().value()
        return QRect(GAP_PX + column * self._pitch, top, self._side_px, self._side_px)

    # Qt
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        chrome = theme.current().chrome
        painter.fillRect(event.rect(), QColor(chrome.bg))
        first = self._first_row() * self.columns
        rows = self.viewport().height() // self._pitch + 2
        for place in range(first, min(first + rows * self.columns, len(self._numbers_M))):
            rect = self._rect(place)
            if not rect.intersects(event.rect()):
                continue
            image = self._image(int(self._numbers_M[place]))
            shrinks = image.width() > rect.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(rect, image)
        if self._current >= 0:
            painter.setPen(QPen(QColor(chrome.accent), 2))
            painter.drawRect(self._rect(self._current).adjusted(-2, -2, 1, 1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.choose(self.place_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.place_at(event.position().toPoint()) >= 0:
            self.activated.emit(self.current)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            bigger = event.angleDelta().y() > 0
            sides = [s for s in SIDES_PX if (s > self._side_px if bigger else s < self._side_px)]
            if sides:
                self.set_side(min(sides) if bigger else max(sides))
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.viewport().height() // self._pitch * self.columns
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._numbers_M), Qt.Key.Key_End: len(self._numbers_M),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self._numbers_M):
            super().keyPressEvent(event)
            return
        self.choose(min(max(0, max(0, self._current) + step), len(self._numbers_M) - 1))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos())
            text = self._tell(int(self._numbers_M[place])) if place >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(720, 480)
