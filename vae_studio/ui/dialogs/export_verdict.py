"""One line under the form: what became of the last wish, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vae_studio.ui.widgets.icon_label import IconLabel

ICON_PX = 16
TWO_LINES_PX = 32  # kept free, so that nothing moves when a sentence comes


class Verdict(QWidget):
    """A sign, a sentence and links. Signal: ``link_chosen(str target)``."""

    link_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = IconLabel("info", side_px=ICON_PX)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._text.setAccessibleName("Result")
        self._text.setMinimumHeight(TWO_LINES_PX)
        self._text.linkActivated.connect(self.link_chosen)
        self._sentence = ""
        self._bad = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        self.clear()

    @property
    def sentence(self) -> str:
        """What is said, without the links; "" when nothing is."""
        return self._sentence

    @property
    def is_bad(self) -> bool:
        """A failure is shown."""
        return self._bad

    def clear(self) -> None:
        """Say nothing; the room stays, so that nothing moves."""
        self._say("", "", "")

    def show_busy(self, sentence: str) -> None:
        """Something is under way."""
        self._say(sentence, "", "")

    def show_good(self, sentence: str, links: Sequence[tuple[str, str]] = ()) -> None:
        """Something is done; ``links`` are (text, target)."""
        self._say(sentence, "circle-check", "ok", links)

    def show_bad(self, sentence: str) -> None:
        """Something could not be done."""
        self._say(sentence, "circle-alert", "bad")

    def _say(
        self, sentence: str, icon_name: str, role: str, links: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._sentence, self._bad = sentence, role == "bad"
        if icon_name:
            self._sign.set_icon(icon_name, role)
        self._sign.setVisible(bool(icon_name))
        anchors = (
            f'<a href="{escape(target, quote=True)}" style="text-decoration: none">'
            f"{escape(text).replace(' ', '&nbsp;')}</a>"
            for text, target in links
        )
        self._text.setText(" &nbsp;·&nbsp; ".join((escape(sentence), *anchors)))
        self._text.setAccessibleDescription(sentence)
        if sentence:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._text, sentence))
