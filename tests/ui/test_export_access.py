"""Everything in the export dialog can be reached, named and understood without a mouse."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vae_studio.ui.dialogs.export_dialog import ExportDialog
from vae_studio.ui.settings import Settings


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    dialog = ExportDialog(Settings(tmp_path), native_file_dialog=False)
    qtbot.addWidget(dialog)
    return dialog


def controls(dialog: ExportDialog) -> list[QWidget]:
    """Everything that takes the keyboard."""
    kinds = (QAbstractButton, QAbstractSpinBox, QLineEdit)
    found = itertools.chain.from_iterable(dialog.findChildren(kind) for kind in kinds)
    return [w for w in found if not w.objectName().startswith("qt_") and w is not None]


def test_that_every_control_has_a_name_a_tooltip_and_the_keyboard(dialog: ExportDialog) -> None:
    found = controls(dialog)
    assert len(found) > 20
    assert [w for w in found if not w.accessibleName()] == []
    assert [w for w in found if not w.toolTip()] == []
    assert [w for w in found if not w.focusPolicy() & Qt.FocusPolicy.TabFocus] == []


def test_that_every_mnemonic_leads_to_one_control_only(dialog: ExportDialog) -> None:
    labels = [label for label in dialog.form.findChildren(QLabel) if label.text()]
    assert all(label.buddy() is not None for label in labels)
    buttons = [b for b in dialog.findChildren(QAbstractButton) if "&" in b.text()]
    assert {type(b) for b in buttons} >= {QPushButton}
    keys = [QKeySequence.mnemonic(w.text()).toString() for w in (*labels, *buttons)]
    assert all(keys)
    assert len(keys) == len(set(keys))
