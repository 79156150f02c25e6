"""The foot of the export dialog: what became of the last wish, and the wishes themselves."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_studio.ui.dialogs.export_verdict import Verdict
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe

COPY_KEYS = QKeySequence("Ctrl+Shift+C")  # Ctrl+C belongs to the text fields
COPY_HELP = "Copy the picture, ready to paste into a slide (Ctrl+Shift+C)."
SAVE_HELP = "Choose a file and save the picture (Enter)."


class ExportBar(QWidget):
    """A ``verdict`` on the left; a ``close_button``, ``copy_button`` and ``save_button``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = Verdict()
        self.save_button = QPushButton("&Save…")
        self.copy_button = QPushButton("Cop&y")
        self.copy_button.setIcon(icon("copy"))
        self.copy_button.setShortcut(COPY_KEYS)
        self.close_button = QPushButton("C&lose")
        describe(self.close_button, "Close", "Close; the form is kept (Esc).")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.verdict, 1)
        for button in (self.close_button, self.copy_button, self.save_button):
            row.addWidget(button)

    def allow(self, why_not: str, *, saving: bool) -> None:
        """Grey what cannot be done now; ``why_not`` is the reason, "" when there is none."""
        self.save_button.setEnabled(not why_not and not saving)
        self.copy_button.setEnabled(not why_not)
        describe(self.save_button, "Save…", why_not, SAVE_HELP)
        describe(self.copy_button, "Copy", why_not, COPY_HELP)
