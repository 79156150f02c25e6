"""Lucide icons (ISC), drawn from ``currentColor`` SVGs and tinted when they are painted."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from vae_studio.resources import resource
from vae_studio.ui import theme

DISABLED_OPACITY = 0.38


@lru_cache(maxsize=256)
def svg(name: str) -> str:
    """The source of an icon; raises FileNotFoundError for a name that is not bundled."""
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def tinted(name: str, colour: str) -> bytes:
    """The icon's SVG with its strokes in ``colour`` (``#rrggbb``)."""
    return svg(name).replace("currentColor", colour).encode()


@lru_cache(maxsize=512)
def picture(name: str, colour: str, side_px: int) -> QPixmap:
    """The icon in one colour, ``side_px`` physical pixels square, on a clear ground."""
    pixmap = QPixmap(side_px, side_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(tinted(name, colour))).render(painter, QRectF(pixmap.rect()))
    painter.end()
    return pixmap


class LucideEngine(QIconEngine):
    """Paints one icon in the colour that its role has in the theme of the moment."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def _draw(self, painter: QPainter, rect: QRect, ratio: float, mode: QIcon.Mode) -> None:
        side = min(rect.width(), rect.height())
        pixmap = picture(self._name, self._colour(), max(1, round(side * ratio)))
        target = QRect(QPoint(0, 0), QSize(side, side))
        target.moveCenter(rect.center())
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(painter.opacity() * DISABLED_OPACITY)
        painter.drawPixmap(target, pixmap)

    def _colour(self) -> str:
        return getattr(theme.current().chrome, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        self._draw(painter, rect, painter.device().devicePixelRatioF(), mode)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        pixmap = QPixmap(size * scale)  # Qt sets the ratio of what it gets
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self._draw(painter, pixmap.rect(), 1.0, mode)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return LucideEngine(self._name, self._role)

    def isNull(self) -> bool:
        return False

    def key(self) -> str:
        return f"lucide:{self._name}:{self._role}"


def icon(name: str, role: str = "text") -> QIcon:
    """The icon tinted in a role of the theme's chrome ("text", "muted", "accent", "on_accent").

    The colour is looked up at every paint, so an icon made once follows the theme. Raises
    FileNotFoundError for a name that is not bundled.
    """
    svg(name)  # a wrong name must fail here, not in the middle of a paint
    return QIcon(LucideEngine(name, role))
