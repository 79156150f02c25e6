"""The menu bar, generated from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from vae_studio.ui.actions import MENUS, Actions
from vae_studio.ui.icons import icon
from vae_studio.ui.settings import Settings


class Menus(QObject):
    """Fills a menu bar. Signal: ``recent_chosen(str path)`` for an entry of *Open recent*."""

    recent_chosen = Signal(str)

    def __init__(
        self, bar: QMenuBar, actions: Actions, docks: Iterable[QAction], settings: Settings
    ) -> None:
        """``docks`` are the actions that show and hide docks; they head the View menu."""
        super().__init__(bar)
        self._settings = settings
        self._recent = QMenu("Open recent", bar)
        self._recent.setIcon(icon("history"))
        self._recent.setToolTipsVisible(True)
        self._recent.aboutToShow.connect(self.list_recent)
        for name in MENUS:
            self._fill(bar.addMenu(f"&{name}"), name, actions, docks)

    @property
    def recent(self) -> QMenu:
        """The menu of runs opened before."""
        return self._recent

    @Slot()
    def list_recent(self) -> None:
        """Bring the list of runs up to date."""
        self._recent.clear()
        for path in self._settings.recent_runs:
            entry = self._recent.addAction(Path(path).name)
            entry.setData(path)
            entry.setToolTip(path)
            entry.triggered.connect(self._choose)
        if self._recent.isEmpty():
            self._recent.addAction("No run was opened yet").setEnabled(False)

    def _fill(self, menu: QMenu, name: str, actions: Actions, docks: Iterable[QAction]) -> None:
        menu.setToolTipsVisible(True)
        if name == "View":
            menu.addActions(list(docks))
        for spec, action in actions.of_menu(name):
            if spec.separated:
                menu.addSeparator()
            menu.addAction(action)
            if spec.name == "open_run":
                menu.addMenu(self._recent)

    @Slot()
    def _choose(self) -> None:
        entry = self.sender()
        if isinstance(entry, QAction):
            self.recent_chosen.emit(str(entry.data()))
