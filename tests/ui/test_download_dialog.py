"""The dialog that stands between choosing a set and fetching it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot
from support.shell import data_loaded

from vae_studio.domain.reports import RequestFailed
from vae_studio.ui.dialogs.download_dialog import LOADING, DownloadDialog, DownloadFacts

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

FACTS = DownloadFacts("mnist", "MNIST", "example.org", 11_594_722, "CC BY-SA 3.0")
CLOSED = "VAE_STUDIO_OFFLINE=1 forbids every connection."
NO_NETWORK = RequestFailed("download the pictures", "MNIST could not be downloaded; no connection.")


def opened(qtbot: QtBot, facts: DownloadFacts = FACTS) -> DownloadDialog:
    """A shown dialog that the test deletes."""
    dialog = DownloadDialog(facts)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def dialog(qtbot: QtBot) -> DownloadDialog:
    return opened(qtbot)


def button(dialog: DownloadDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def words(dialog: DownloadDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def gauge(dialog: DownloadDialog) -> QProgressBar:
    return dialog.findChild(QProgressBar)


def test_that_host_size_and_licence_are_told_before_anything_is_fetched(
    dialog: DownloadDialog,
) -> None:
    for told in ("example.org", "about 11.6 MB", "CC BY-SA 3.0"):
        assert told in words(dialog)
    assert not dialog.isModal()
    assert not gauge(dialog).isVisible()


def test_that_download_is_wished_only_by_its_button(dialog: DownloadDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.download_requested):
        dialog.show_progress(0.5, "of something else")
    assert not gauge(dialog).isVisible()
    with qtbot.waitSignal(dialog.download_requested) as told:
        button(dialog, "Download").click()
    assert told.args == ["mnist"]
    assert not button(dialog, "Download").isEnabled()


def test_that_progress_is_shown_as_a_bar_and_a_sentence(dialog: DownloadDialog) -> None:
    button(dialog, "Download").click()
    dialog.show_progress(0.25, "2.9 of 11.6 MB from example.org")
    assert gauge(dialog).value() == gauge(dialog).maximum() / 4
    assert "2.9 of 11.6 MB from example.org" in words(dialog)


@pytest.mark.parametrize("way", ["button", "escape"])
def test_that_cancelling_answers_at_once(dialog: DownloadDialog, qtbot: QtBot, way: str) -> None:
    button(dialog, "Download").click()
    with qtbot.waitSignals([dialog.cancel_requested, dialog.rejected], timeout=200):
        if way == "button":
            button(dialog, "Cancel").click()
        else:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_that_leaving_before_a_download_cancels_nothing(
    dialog: DownloadDialog, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(dialog.cancel_requested), qtbot.waitSignal(dialog.rejected):
        button(dialog, "Cancel").click()


def test_that_a_failure_is_said_and_another_try_is_offered(dialog: DownloadDialog) -> None:
    button(dialog, "Download").click()
    dialog.show_failure(NO_NETWORK)
    assert NO_NETWORK.sentence in words(dialog)
    assert button(dialog, "Download").isEnabled()
    assert button(dialog, "Choose its folder…").isEnabled()
    assert not gauge(dialog).isVisible()


def test_that_another_wish_that_fails_is_not_this_dialogs(dialog: DownloadDialog) -> None:
    button(dialog, "Download").click()
    dialog.show_failure(RequestFailed(LOADING, "faces is damaged."))
    dialog.show_failure(RequestFailed("open the run", "That folder holds no run."))
    assert dialog.downloading
    assert not {"faces is damaged.", "That folder holds no run."} & set(words(dialog))


def test_that_the_dialog_goes_when_the_pictures_are_there(dialog: DownloadDialog) -> None:
    button(dialog, "Download").click()
    dialog.show_data(data_loaded(dataset="faces"))
    assert dialog.isVisible()
    dialog.show_fetched("mnist")
    assert "Opening the pictures…" in words(dialog)
    dialog.show_data(data_loaded(dataset="mnist"))
    assert not dialog.isVisible()


def test_that_a_set_one_has_is_told_with_its_folder(
    dialog: DownloadDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    button(dialog, "Choose its folder…").click()
    chooser = dialog.findChild(QFileDialog)
    with qtbot.waitSignal(dialog.place_chosen) as told:
        chooser.fileSelected.emit(str(tmp_path))
    assert told.args == ["mnist", str(tmp_path)]
    chooser.close()
    dialog.show_failure(RequestFailed(LOADING, "MNIST is not in that folder."))
    assert "MNIST is not in that folder." in words(dialog)
    assert dialog.isVisible()


def test_that_offline_nothing_can_be_fetched_and_the_reason_is_there(qtbot: QtBot) -> None:
    dialog = opened(qtbot, replace(FACTS, refusal=CLOSED))
    assert not button(dialog, "Download").isEnabled()
    assert CLOSED in button(dialog, "Download").accessibleDescription()
    assert CLOSED in words(dialog)
    assert button(dialog, "Choose its folder…").isEnabled()


def test_that_every_button_says_what_it_does(dialog: DownloadDialog) -> None:
    for control in dialog.findChildren(QAbstractButton):
        assert control.toolTip()
        assert control.accessibleName()
