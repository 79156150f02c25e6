"""A sentence over the lower edge of the window that goes away by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

SHOWN_MS = 7_000  # long enough to read two lines and reach the link
SHOWN_WITH_LINK_MS = 12_000
LIFT_PX = 20
WIDEST_PX = 640

_SIGNS = {
    "info": ("circle-check", "ok"),
    "warning": ("triangle-alert", "warn"),
    "error": ("circle-alert", "bad"),
}


class Messages(QFrame):
    """Shows one message at a time. Signals: ``link_chosen(str)``; errors stay until closed."""

    link_chosen = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("toast")
        self._window = window
        self._sign = IconLabel("info", side_px=16)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._link = QToolButton()
        self._link.setProperty("flat", True)
        describe(self._link, "Open", "Open what the message speaks of.")
        self._link.clicked.connect(self._follow)
        close = QToolButton()
        close.setProperty("flat", True)
        close.setIcon(icon("x", "muted"))
        close.setIconSize(QSize(14, 14))
        describe(close, "Close message", "Close this message.")
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(10)
        for part in (self._sign, self._text, self._link, close):
            layout.addWidget(part)
        self._target = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def sentence(self) -> str:
        """What was said last."""
        return self._text.text()

    def show_message(
        self, sentence: str, *, level: str = "info", link_text: str = "", link: str = ""
    ) -> None:
        """Say a sentence; ``link_text`` offers a button that tells ``link_chosen(link)``."""
        name, role = _SIGNS[level]
        self._sign.set_icon(name, role)
        self._text.setText(sentence)
        self._target = link
        self._link.setText(link_text)
        self._link.setVisible(bool(link_text))
        describe(self._link, link_text, f"{link_text}: {link}" if link else "")
        self.setProperty("level", level)
        self.style().unpolish(self)
        self.style().polish(self)
        self._place()
        self._window.installEventFilter(self)  # only while shown: a filter costs every event
        self.show()
        self.raise_()
        self._timer.stop()
        if level != "error":
            self._timer.start(SHOWN_WITH_LINK_MS if link_text else SHOWN_MS)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    @Slot()
    def _follow(self) -> None:
        self.hide()
        self.link_chosen.emit(self._target)

    def _place(self) -> None:
        window = self._window
        widest = min(WIDEST_PX, window.width() - 2 * LIFT_PX)
        line = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 2
        others = self.sizeHint().width() - self._text.sizeHint().width()
        self._text.setFixedWidth(max(80, min(line, widest - others)))
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - LIFT_PX)

    # Qt
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self.isVisibleTo(self._window):  # not because the window is minimised
            self._window.removeEventFilter(self)
