"""The window is asked to close while a run is under way."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_studio.ui import fonts
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

WIDTH_PX = 440


class CloseDialog(QDialog):
    """Shown with ``open()``. Signals: ``save_and_stop_chosen`` (stop, save, then close the window);
    ``keep_training_chosen`` (the window stays, also when the dialog is dismissed)."""

    save_and_stop_chosen = Signal()
    keep_training_chosen = Signal()

    def __init__(self, progress: str = "", parent: QWidget | None = None) -> None:
        """``progress`` is what the run has reached, in words."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("A run is under way")
        self.setFixedWidth(WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(self._head(progress))
        layout.addLayout(self._buttons())
        self.rejected.connect(self.keep_training_chosen)

    def show_saving(self) -> None:
        """The run is being saved; the window closes by itself when that is done."""
        self._stop.setText("Saving…")
        self._stop.setEnabled(False)

    def _head(self, progress: str) -> QHBoxLayout:
        title = QLabel("Stop training and close?")
        title.setFont(fonts.text(14, bold=True))
        reached = f" It has reached {progress}." if progress else ""
        text = QLabel(f"A run is under way.{reached} A stopped run is saved and can be resumed.")
        text.setWordWrap(True)
        text.setProperty("muted", True)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(title)
        words.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("activity", "accent", side_px=24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _buttons(self) -> QHBoxLayout:
        self._stop = QPushButton("Save and stop")
        describe(self._stop, "Save and stop", "Save the run at its last step, then close.")
        self._stop.setAutoDefault(False)
        self._stop.clicked.connect(self._choose_stop)
        keep = QPushButton("Keep training")
        keep.setDefault(True)
        describe(keep, "Keep training", "Leave the window open and the run going.")
        keep.clicked.connect(self.reject)
        keep.setFocus()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        row.addWidget(self._stop)
        row.addWidget(keep)
        return row

    @Slot()
    def _choose_stop(self) -> None:
        self.show_saving()
        self.save_and_stop_chosen.emit()
