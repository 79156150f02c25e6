"""The log keeps, filters, finds and copies."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from vae_studio.domain.events import NoticeGiven
from vae_studio.ui.panels import log
from vae_studio.ui.panels.log import LogPanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def panel(qtbot: QtBot) -> LogPanel:
    made = LogPanel()
    qtbot.addWidget(made)
    made.append_notice(NoticeGiven("info", "The engine is ready."))
    made.append_notice(NoticeGiven("warning", "Two pictures were skipped."))
    made.append_notice(NoticeGiven("error", "The disk is full."))
    return made


def test_that_every_notice_is_a_line_with_time_and_sign(panel: LogPanel) -> None:
    lines = panel.shown_text.splitlines()
    assert [line[10] for line in lines] == ["·", "▲", "✕"]
    assert lines[2].endswith("The disk is full.")
    assert panel.status == "3 lines · 1 warning · 1 error"


def test_that_levels_hide_what_is_less(panel: LogPanel) -> None:
    panel._level.setCurrentIndex(panel._level.findData("warning"))
    assert len(panel.shown_text.splitlines()) == 2
    panel._level.setCurrentIndex(panel._level.findData("error"))
    assert panel.shown_text.endswith("The disk is full.")
    assert len(panel.lines) == 3


def test_that_search_finds_in_any_case_and_new_lines_obey_it(panel: LogPanel) -> None:
    panel._search.setText("DISK")
    assert panel.shown_text.count("\n") == 0
    panel.append_notice(NoticeGiven("info", "something else"))
    panel.append_notice(NoticeGiven("info", "another disk"))
    assert len(panel.shown_text.splitlines()) == 2


def test_that_copy_takes_the_shown_lines(panel: LogPanel) -> None:
    panel._search.setText("engine")
    panel.copy()
    assert QGuiApplication.clipboard().text() == panel.shown_text
    assert "engine" in panel.shown_text


def test_that_the_log_is_bounded(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_LINES", 50)
    panel = LogPanel()
    qtbot.addWidget(panel)
    for number in range(120):
        panel.append_notice(NoticeGiven("info", f"line {number}"))
    assert len(panel.lines) == 50
    assert len(panel.shown_text.splitlines()) == 50
    assert panel.shown_text.endswith("line 119")


def test_that_the_empty_log_says_what_will_be_there(qtbot: QtBot) -> None:
    panel = LogPanel()
    qtbot.addWidget(panel)
    assert "leave a line here" in panel._text.placeholderText()
    panel.append_notice(NoticeGiven("strange", "an unknown level counts as information"))
    assert panel.lines[0].level == "info"
    panel.clear()
    assert (panel.lines, panel.shown_text, panel.status) == ((), "", "")
