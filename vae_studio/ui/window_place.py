"""Where the window stands and how its docks lie: remembered, checked, put back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QObject, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from vae_studio.ui.layout_store import LAYOUT_VERSION, Layout, LayoutStore, on_a_screen

FIRST_SIZE_PX = (1440, 900)
STANDING_MS = 5_000  # a start that lived this long went well


class WindowPlace(QObject):
    """Puts a window where it was, always on a screen that is there."""

    def __init__(
        self, window: QMainWindow, layouts: LayoutStore, arrange: Callable[[], None]
    ) -> None:
        """``arrange`` gives the docks their first layout; a remembered one comes on top of it."""
        super().__init__(window)
        self._window, self._layouts, self._arrange = window, layouts, arrange
        self._first_time = True
        self._standing = QTimer(self)
        self._standing.setSingleShot(True)
        self._standing.timeout.connect(self._note_success)

    def restore(self) -> None:
        """Before the window is shown: place, size and docks."""
        layout = self._layouts.begin_start()
        screens = [_numbers(s.availableGeometry()) for s in QGuiApplication.screens()]
        wanted = layout.rectangle if layout else _centred(FIRST_SIZE_PX, screens[0])
        self._window.setGeometry(QRect(*on_a_screen(wanted, screens)))
        self._arrange()
        if layout is not None:
            self._first_time = False
            self._window.restoreState(QByteArray(layout.state), LAYOUT_VERSION)
            if layout.maximised:
                self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def note_shown(self) -> None:
        """The window is on the screen: its first layout can be measured now."""
        if self._first_time:
            self._first_time = False
            self._arrange()
        self._standing.start(STANDING_MS)

    def remember(self) -> None:
        """Keep place and docks for the next start."""
        window = self._window
        usual = window.normalGeometry() if window.isMaximized() else window.geometry()
        state = bytes(window.saveState(LAYOUT_VERSION).data())
        self._layouts.write(Layout(state, _numbers(usual), window.isMaximized()))
        self._note_success()

    def forget(self) -> None:
        """Start with the first layout next time."""
        self._layouts.forget()

    @Slot()
    def _note_success(self) -> None:
        self._standing.stop()
        self._layouts.start_went_well()


def _centred(size: tuple[int, int], screen: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, top, wide, high = screen
    width, height = size
    return left + max(0, wide - width) // 2, top + max(0, high - height) // 2, width, height


def _numbers(rectangle: QRect) -> tuple[int, int, int, int]:
    return rectangle.x(), rectangle.y(), rectangle.width(), rectangle.height()
