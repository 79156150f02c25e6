"""Messages come, offer a way, and go."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from vae_studio.ui.messages import SHOWN_MS, SHOWN_WITH_LINK_MS, Messages

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def messages(qtbot: QtBot) -> Messages:
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    made = Messages(window)
    window.show()
    return made


def test_that_a_message_stands_centred_above_the_lower_edge(messages: Messages) -> None:
    messages.show_message("Saved.")
    assert messages.isVisible()
    assert abs(messages.geometry().center().x() - 450) <= 1
    assert messages.geometry().bottom() < 600
    messages.parentWidget().resize(700, 500)
    assert abs(messages.geometry().center().x() - 350) <= 1


def test_that_a_message_goes_by_itself_and_an_error_stays(messages: Messages) -> None:
    messages.show_message("Saved.")
    assert messages._timer.interval() == SHOWN_MS
    messages.show_message("Saved.", link_text="Open folder", link="/x")
    assert messages._timer.interval() == SHOWN_WITH_LINK_MS
    messages._timer.timeout.emit()
    assert messages.isHidden()
    messages.show_message("The disk is full.", level="error")
    assert not messages._timer.isActive()


def test_that_the_link_is_told_and_closes_the_message(messages: Messages, qtbot: QtBot) -> None:
    messages.show_message("Saved.", link_text="Open folder", link="/pictures")
    link = next(b for b in messages.findChildren(QToolButton) if b.text() == "Open folder")
    with qtbot.waitSignal(messages.link_chosen) as told:
        link.click()
    assert told.args == ["/pictures"]
    assert messages.isHidden()


def test_that_a_long_sentence_wraps_inside_the_window(messages: Messages) -> None:
    messages.show_message("A sentence that goes on. " * 20)
    assert messages.width() <= 640
    assert messages.height() > 40
