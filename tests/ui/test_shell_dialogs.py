"""Closing, failures, shortcuts, about: each opens without blocking."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from vae_studio.ui.actions import ACTIONS
from vae_studio.ui.dialogs.about_dialog import AboutDialog
from vae_studio.ui.dialogs.close_dialog import CloseDialog
from vae_studio.ui.dialogs.failure_dialog import FailureDialog
from vae_studio.ui.dialogs.shortcuts_dialog import ShortcutsDialog

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SENTENCE = "The loss became NaN at step 131."


def opened(qtbot: QtBot, dialog: QDialog) -> None:
    """Open without a nested event loop; the test deletes it."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()


def button(dialog: QDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def test_that_keeping_on_is_what_return_and_escape_do(qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = CloseDialog("epoch 4 of 10")
        opened(qtbot, dialog)
        with (
            qtbot.waitSignal(dialog.keep_training_chosen),
            qtbot.assertNotEmitted(dialog.save_and_stop_chosen),
        ):
            QTest.keyClick(dialog, key)
        assert not dialog.isVisible()


def test_that_save_and_stop_waits_for_the_saving(qtbot: QtBot) -> None:
    dialog = CloseDialog("epoch 4 of 10")
    opened(qtbot, dialog)
    stop = button(dialog, "Save and stop")
    with qtbot.waitSignal(dialog.save_and_stop_chosen):
        stop.click()
    assert (stop.text(), stop.isEnabled(), dialog.isVisible()) == ("Saving…", False, True)


def test_that_a_failure_is_one_sentence_with_details_on_demand(qtbot: QtBot) -> None:
    dialog = FailureDialog(SENTENCE, "Traceback …", "/runs/a")
    opened(qtbot, dialog)
    details = dialog.findChild(QPlainTextEdit)
    assert details is not None
    assert not details.isVisible()
    assert SENTENCE in [label.text() for label in dialog.findChildren(QLabel)]
    button(dialog, "Details").click()
    assert details.isVisible()
    assert details.toPlainText() == "Traceback …"
    assert button(dialog, "Open folder").isVisible()


def test_that_the_report_can_be_copied(qtbot: QtBot) -> None:
    dialog = FailureDialog(SENTENCE, "Traceback …")
    opened(qtbot, dialog)
    button(dialog, "Copy report").click()
    assert QGuiApplication.clipboard().text() == f"{SENTENCE}\n\nTraceback …\n"
    assert button(dialog, "Copied").isVisible()


def test_that_without_details_or_folder_nothing_is_offered(qtbot: QtBot) -> None:
    dialog = FailureDialog(SENTENCE)
    opened(qtbot, dialog)
    assert not button(dialog, "Details").isEnabled()
    assert "Open folder" not in [b.text() for b in dialog.findChildren(QPushButton)]


def test_that_every_shortcut_is_listed(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog()
    opened(qtbot, dialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for spec in ACTIONS:
        if spec.shortcut:
            assert spec.text.rstrip("…") in texts


def test_that_about_names_versions_and_licences(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    opened(qtbot, dialog)
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for word in ("VAE Studio", "Python 3", "torch", "pyqtgraph", "Lucide (ISC)", "Inter (OFL)"):
        assert word in text
    button(dialog, "Copy versions").click()
    assert "PySide6" in QGuiApplication.clipboard().text()


def test_that_every_button_says_what_it_does(qtbot: QtBot) -> None:
    dialogs = (CloseDialog("x"), FailureDialog(SENTENCE, "d", "/f"), AboutDialog(),
               ShortcutsDialog())  # fmt: skip
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        for control in dialog.findChildren(QAbstractButton):
            if not control.objectName().startswith("qt_"):
                assert control.toolTip(), (type(dialog).__name__, control.text())
                assert control.accessibleName()
