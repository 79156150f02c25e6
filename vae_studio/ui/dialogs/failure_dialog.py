"""Something went wrong: one sentence, and the details for whoever wants them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.ui import fonts
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

WIDTH_PX = 520
DETAILS_HEIGHT_PX = 220
COPIED_MS = 1_500


class FailureDialog(QDialog):
    """Shown with ``open()``; the app stays usable behind it and after it. Signal:
    ``resume_chosen(str folder, float learning_rate)``: go on from the last good checkpoint."""

    resume_chosen = Signal(str, float)

    def __init__(
        self,
        sentence: str,
        details: str = "",
        folder: str = "",
        half_rate: float = 0.0,
        *,
        parent: QWidget | None = None,
    ) -> None:
        """``folder`` is where the run or the log lies, ``half_rate`` a learning rate that may help
        it; without one the button is not there."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Something went wrong")
        self.setFixedWidth(WIDTH_PX)
        self._sentence, self._details, self._folder = sentence, details, folder
        self._half_rate = half_rate
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        layout.addLayout(self._head())
        if half_rate:
            layout.addWidget(self._resume_button(), 0, Qt.AlignmentFlag.AlignRight)
        self._text = self._details_field()
        layout.addWidget(self._text)
        layout.addLayout(self._buttons())

    @property
    def report(self) -> str:
        """What *Copy report* puts on the clipboard."""
        return f"{self._sentence}\n\n{self._details}".strip() + "\n"

    @Slot()
    def copy_report(self) -> None:
        """Put sentence and details on the clipboard."""
        QGuiApplication.clipboard().setText(self.report)
        self._copy.setText("Copied")
        self._back.start(COPIED_MS)

    def _head(self) -> QHBoxLayout:
        label = QLabel(self._sentence)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(WIDTH_PX - 80)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("circle-alert", "bad", side_px=24), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)
        return row

    def _details_field(self) -> QPlainTextEdit:
        field = QPlainTextEdit(self._details)
        field.setReadOnly(True)
        field.setFont(fonts.fixed())
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        field.setFixedHeight(DETAILS_HEIGHT_PX)
        describe(field, "Details", "What the program was doing when it failed.")
        field.hide()
        return field

    def _buttons(self) -> QHBoxLayout:
        self._toggle = QPushButton("Details")
        self._toggle.setCheckable(True)
        self._toggle.setEnabled(bool(self._details))
        describe(self._toggle, "Details", "Show what the program was doing when it failed.")
        self._toggle.toggled.connect(self._text.setVisible)
        self._copy = QPushButton(icon("clipboard"), "Copy report")
        describe(self._copy, "Copy report", "Copy the sentence and the details, to send them.")
        self._copy.clicked.connect(self.copy_report)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._forget_copied)
        close = QPushButton("Close")
        close.setDefault(True)
        describe(close, "Close", "Go back to the window; nothing else is lost.")
        close.clicked.connect(self.accept)
        for other in (self._toggle, self._copy):
            other.setAutoDefault(False)  # Return closes, wherever the focus is
        close.setFocus()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._toggle)
        row.addWidget(self._copy)
        if self._folder:
            row.addWidget(self._folder_button())
        row.addStretch()
        row.addWidget(close)
        return row

    def _resume_button(self) -> QPushButton:
        rate = f"{self._half_rate:.3g}"
        button = QPushButton(icon("play"), f"Continue with learning rate {rate}")
        describe(button, button.text(), "Go back to the last good checkpoint, and on from there "
                 "with half the learning rate.")  # fmt: skip
        button.setAutoDefault(False)
        button.clicked.connect(self._resume)
        return button

    @Slot()
    def _resume(self) -> None:
        self.resume_chosen.emit(self._folder, self._half_rate)
        self.accept()

    def _folder_button(self) -> QPushButton:
        button = QPushButton(icon("folder-open"), "Open folder")
        describe(button, "Open folder", "Open the folder that holds the run and its log.")
        button.setAutoDefault(False)
        button.clicked.connect(self._open_folder)
        return button

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))

    @Slot()
    def _forget_copied(self) -> None:
        self._copy.setText("Copy report")
