"""The common ground of panels whose picture is brought up to date by the frame clock."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from vae_studio.ui import theme


class FramePanel(QWidget):
    """A dock's content. Signal: ``status_changed(str)``, the muted sentence in its title bar.

    A subclass keeps what it was told, calls ``mark_dirty`` and draws in ``refresh``, which is
    called only when the panel is visible and the clock can afford it.
    """

    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    status_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dirty = False
        self._status = ""
        self.setAccessibleName(self.title)
        theme.current().changed.connect(self.mark_dirty)

    @property
    def is_dirty(self) -> bool:
        """Something changed since the last frame."""
        return self._dirty

    @property
    def status(self) -> str:
        """The muted sentence last told."""
        return self._status

    @Slot()
    def mark_dirty(self) -> None:
        """Ask for a frame."""
        self._dirty = True

    def paint_frame(self) -> None:
        """Bring the picture up to date."""
        self._dirty = False
        self.refresh()

    def refresh(self) -> None:
        """Draw what was told last."""
        raise NotImplementedError

    def tell_status(self, sentence: str) -> None:
        """Show ``sentence`` in the title bar, if it is another one."""
        if sentence != self._status:
            self._status = sentence
            self.status_changed.emit(sentence)
