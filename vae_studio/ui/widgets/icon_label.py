"""A small picture that follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_studio.ui import theme
from vae_studio.ui.icons import icon


class IconLabel(QWidget):
    """An icon beside a text; it says nothing by itself, so readers pass over it."""

    def __init__(self, name: str, role: str = "muted", *, side_px: int = 14) -> None:
        super().__init__()
        self._icon = icon(name, role)
        self._side_px = side_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.current().changed.connect(self._retheme)

    def set_icon(self, name: str, role: str = "muted") -> None:
        """Show another icon."""
        self._icon = icon(name, role)
        self.update()

    @Slot()
    def _retheme(self) -> None:
        self.update()

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()
