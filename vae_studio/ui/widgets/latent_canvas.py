"""The hand on the map: clicks, drags, wheel, keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from vae_studio.ui.widgets.canvas_surface import CanvasSurface

NUDGE_PX = 8
NUDGES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


class LatentCanvas(CanvasSurface):
    """Click or drag: choose a code. Shift+drag or middle drag: pan. Wheel: zoom about the pointer.
    Keys: arrows nudge the code (Shift: finely), + and − zoom, Home or 0 fits.

    Signals: those of ``CanvasSurface``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grabbed: QPointF | None = None

    # Qt
    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.MiddleButton or (left and shift):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            self.choose(*self.point_under(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._grabbed is not None:
            moved = position - self._grabbed
            self._grabbed = position
            self.look(self.view.panned(moved.x(), moved.y()))
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.choose(*self.point_under(position))
        elif self.map_rect.contains(position):
            self.read_out(*self.point_under(position))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.chosen is not None:
            self.read_out(*self.chosen)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        spot = event.position() - self.map_rect.topLeft()
        self.look(self.view.zoomed(1.0015 ** event.angleDelta().y(), spot.x(), spot.y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            spot = event.position() - self.map_rect.topLeft()
            self.look(self.view.zoomed(1 + event.value(), spot.x(), spot.y()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in NUDGES and self.chosen is not None:
            dx, dy = NUDGES[key]
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            size = (1 if fine else NUDGE_PX) / self.view.scale
            self.choose(self.chosen[0] + dx * size, self.chosen[1] - dy * size)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.25)
        elif key == Qt.Key.Key_Minus:
            self.zoom(0.8)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.fit()
        else:
            super().keyPressEvent(event)
