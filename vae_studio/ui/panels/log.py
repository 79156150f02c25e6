"""What happened, line by line: levels, search, copy."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.events import NoticeGiven
from vae_studio.ui import theme
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.steady_inputs import ChoiceField

MOST_LINES = 5_000
EMPTY = "Nothing has happened yet. Runs, warnings and exports leave a line here."
LEVELS = ("info", "warning", "error")
#: A sign as well as a colour: colour alone is not enough.
SIGNS = {"info": "·", "warning": "▲", "error": "✕"}
ROLES = {"info": "text", "warning": "warn", "error": "bad"}


@dataclass(frozen=True)
class LogLine:
    """One notice and when it came (local time, for the person at this screen)."""

    time: str
    level: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.time}  {SIGNS[self.level]}  {self.sentence}"


class LogPanel(QWidget):
    """Keeps the last 5,000 notices. Signal: ``status_changed(str)``."""

    title = "Log"
    icon = "scroll-text"
    status_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self.status = ""
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(MOST_LINES)
        self._text.setPlaceholderText(EMPTY)
        self._text.setMinimumHeight(40)
        describe(self._text, "Log", "What happened, oldest first.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._tools())
        layout.addWidget(self._text)
        theme.current().changed.connect(self._show_all)

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """Everything that is kept, oldest first."""
        return tuple(self._lines)

    @property
    def shown_text(self) -> str:
        """The lines that level and search let through."""
        return self._text.toPlainText()

    @Slot(object)
    def append_notice(self, notice: NoticeGiven) -> None:
        """Add a line; the view follows while it stands at the end."""
        level = notice.level if notice.level in LEVELS else "info"
        line = LogLine(datetime.now().strftime("%H:%M:%S"), level, notice.sentence)
        self._lines.append(line)
        if self._passes(line):
            self._append(line)
        self._say()

    @Slot()
    def copy(self) -> None:
        """Put the shown lines on the clipboard."""
        QGuiApplication.clipboard().setText(self.shown_text)

    @Slot()
    def clear(self) -> None:
        """Forget every line."""
        self._lines.clear()
        self._show_all()
        self._say()

    def _tools(self) -> QHBoxLayout:
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search")
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(320)
        self._search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        describe(self._search, "Search the log", "Show only the lines that contain this text.")
        self._search.textChanged.connect(self._show_all)
        self._level = ChoiceField()
        for level, text in zip(LEVELS, ("All", "Warnings", "Errors"), strict=True):
            self._level.addItem(text, level)
        self._level.setMaximumWidth(130)
        describe(self._level, "Least level", "Show lines of this level and above.")
        self._level.currentIndexChanged.connect(self._show_all)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._search, 1)
        row.addWidget(self._level)
        row.addStretch()
        row.addWidget(self._button("copy", "Copy log", "Copy the shown lines.", self.copy))
        row.addWidget(self._button("trash-2", "Clear log", "Forget every line.", self.clear))
        return row

    def _button(self, sign: str, name: str, help_text: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setIconSize(QSize(14, 14))
        button.setProperty("flat", True)
        describe(button, name, help_text)
        button.clicked.connect(slot)
        return button

    def _passes(self, line: LogLine) -> bool:
        least = LEVELS.index(str(self._level.currentData()))
        wanted = self._search.text().casefold()
        return LEVELS.index(line.level) >= least and wanted in str(line).casefold()

    def _append(self, line: LogLine) -> None:
        bar = self._text.verticalScrollBar()
        follows = bar.value() == bar.maximum()
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        form = QTextCharFormat()
        form.setForeground(QColor(getattr(theme.current().chrome, ROLES[line.level])))
        if not self._text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(str(line), form)
        if follows:
            bar.setValue(bar.maximum())

    @Slot()
    def _show_all(self) -> None:
        self._text.clear()
        for line in self._lines:
            if self._passes(line):
                self._append(line)

    def _say(self) -> None:
        warnings = sum(line.level == "warning" for line in self._lines)
        errors = sum(line.level == "error" for line in self._lines)
        parts = [counted(len(self._lines), "line")]
        parts += [counted(warnings, "warning")] if warnings else []
        parts += [counted(errors, "error")] if errors else []
        self.status = " · ".join(parts) if self._lines else ""
        self.status_changed.emit(self.status)


def counted(number: int, noun: str) -> str:
    """ "1 line", "1,200 lines"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
