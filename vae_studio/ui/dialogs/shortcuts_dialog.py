"""Every key that does something, read from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_studio.ui import fonts
from vae_studio.ui.actions import ACTIONS, MENUS, ActionSpec
from vae_studio.ui.widgets.hints import describe

#: Keys of single panels and fields; they stand in no menu.
ELSEWHERE = (
    ("Esc", "Leave full screen, close a dialog"),
    ("Ctrl+C", "Copy the picture that has the focus"),
    ("↑ ↓", "Change a number; β and the learning rate move by eighths of a decade"),
)


class ShortcutsDialog(QDialog):
    """Shown with ``open()``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(self._table())
        close = QPushButton("Close")
        close.setDefault(True)
        describe(close, "Close", "Go back to the window.")
        close.clicked.connect(self.accept)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(24)
        table.setVerticalSpacing(5)
        for menu in MENUS:
            specs = [spec for spec in ACTIONS if spec.menu == menu and spec.shortcut]
            if specs:
                self._add_group(table, menu, [(_keys(s), s.text.rstrip("…")) for s in specs])
        self._add_group(table, "Elsewhere", list(ELSEWHERE))
        return table

    def _add_group(self, table: QGridLayout, name: str, rows: list[tuple[str, str]]) -> None:
        head = QLabel(name)
        head.setFont(fonts.text(bold=True))
        head.setContentsMargins(0, 8 if table.rowCount() > 1 else 0, 0, 2)
        table.addWidget(head, table.rowCount(), 0, 1, 2)
        for keys, text in rows:
            row = table.rowCount()
            label = QLabel(keys)
            label.setObjectName("badge")
            table.addWidget(label, row, 0, Qt.AlignmentFlag.AlignLeft)
            table.addWidget(QLabel(text), row, 1)


def _keys(spec: ActionSpec) -> str:
    return QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
