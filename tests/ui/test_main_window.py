"""The window around panels it does not know."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from support import shell

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import RunFailed, RunFinished
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import EngineReady, GridExported, ModelChanged, RequestFailed
from vae_studio.ui.config_desk import ConfigDesk
from vae_studio.ui.dialogs.failure_dialog import FailureDialog
from vae_studio.ui.layout_store import LayoutStore
from vae_studio.ui.main_window import MainWindow
from vae_studio.ui.settings import Settings
from vae_studio.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore(
    "does not support propagateSizeHints", r"does not support raise\(\)"
)

MODEL = ModelChanged(2, (1, 28, 28), (), "", "", "2026-11-22 mnist", 0)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = shell.window(tmp_path)
    qtbot.addWidget(made)
    made.show_config(RunConfig())
    return made


def ready(window: MainWindow, phase: Phase) -> None:
    """Engine, pictures and a model are there; the run is in this phase."""
    window.show_engine(EngineReady(("cpu",), {}))
    window.show_data(shell.data_loaded())
    window.show_model(MODEL)
    window.apply_phase(phase)


def test_that_a_failed_run_offers_its_folder(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    window.show_run_failed(RunFailed("The loss is not a number.", "Traceback", "/tmp/runs/a"))
    dialog = window.findChild(FailureDialog)
    assert dialog is not None
    assert "Open folder" in [b.text() for b in dialog.findChildren(QAbstractButton)]
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_that_importing_the_window_leaves_torch_and_plots_alone() -> None:
    code = (
        "import sys, vae_studio.ui.main_window; "
        "print([m for m in ('torch', 'pyqtgraph', 'superqt', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_every_panel_has_a_dock_with_its_title_and_a_view_entry(window: MainWindow) -> None:
    assert set(window.docks) == set(shell.panels()) - {"canvas"}
    view = next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "&View")
    texts = [action.text() for action in view.actions()]
    for dock in window.docks.values():
        assert dock.windowTitle() == dock.panel.title  # type: ignore[attr-defined]
        assert dock.windowTitle() in texts


def test_that_the_status_of_a_panel_stands_in_its_title_bar(window: MainWindow) -> None:
    dock = window.docks["data"]
    dock.panel.show_data(shell.data_loaded())  # type: ignore[attr-defined]
    assert dock.head.status.full_text == "12,000 + 2,000"


def test_that_every_control_has_a_tooltip_and_an_accessible_name(window: MainWindow) -> None:
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit,
             QAbstractSlider, QProgressBar)  # fmt: skip
    nameless = []
    for control in window.findChildren(QWidget):
        inner = control.objectName().startswith(("qt_", "Scroll")) or isinstance(
            control, QScrollBar
        )
        parent = control.parentWidget()
        part = isinstance(parent, (QAbstractSpinBox, QComboBox, QLineEdit))
        if not isinstance(control, kinds) or inner or part:
            continue
        if not (control.toolTip() and (control.accessibleName() or _text_of(control))):
            nameless.append(f"{type(control).__name__} {control.objectName()!r}")
    assert nameless == []


def _text_of(control: QWidget) -> str:
    return control.text() if isinstance(control, QAbstractButton) else ""


def test_that_the_primary_button_changes_with_the_phase(window: MainWindow, qtbot: QtBot) -> None:
    button = window.run_bar.primary
    assert not button.isEnabled()
    for phase, text, signal in (
        (Phase.IDLE, "Train", window.run_requested),
        (Phase.RUNNING, "Pause", window.pause_requested),
        (Phase.PAUSED, "Resume", window.resume_requested),
        (Phase.DONE, "Train", window.run_requested),
    ):
        ready(window, phase)
        assert button.text() == text
        with qtbot.waitSignal(signal):
            button.click()
    ready(window, Phase.PREPARING)
    assert (button.text(), button.isEnabled()) == ("Preparing", False)


def test_that_keys_do_what_the_table_says(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    ready(window, Phase.IDLE)
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(window.run_requested):
        QTest.keyClick(window, Qt.Key.Key_F5)
    with qtbot.waitSignal(window.export_requested):
        QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)


def test_that_the_bar_says_where_the_run_is(window: MainWindow) -> None:
    ready(window, Phase.IDLE)
    assert window.run_bar.sentence == "ready"
    ready(window, Phase.RUNNING)
    window.run_bar.show_run(shell.run_started())
    window.run_bar.show_progress(shell.batches(130))
    said = "epoch 4 of 10 · step 131 · 20,900 images/s · 4 s left"
    assert window.run_bar.sentence == said
    window.apply_phase(Phase.PAUSED)
    assert window.run_bar.sentence == f"paused · {said}"
    window.apply_phase(Phase.DONE)
    window.run_bar.show_finished(RunFinished(430, False, {"seconds": 22.4}))
    assert window.run_bar.sentence == "done after 430 steps · 22 s"


def test_that_closing_while_training_asks_first(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    ready(window, Phase.RUNNING)
    with qtbot.waitSignal(window.close_requested), qtbot.assertNotEmitted(window.closing):
        window.close()
    assert window.isVisible()
    with qtbot.waitSignal(window.closing):
        window.confirm_close()
    assert not window.isVisible()


def test_that_closing_without_a_run_just_closes(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    ready(window, Phase.DONE)
    with qtbot.assertNotEmitted(window.close_requested), qtbot.waitSignal(window.closing):
        window.close()


def test_that_docks_come_back_where_they_were_left(qtbot: QtBot, tmp_path: Path) -> None:
    first = shell.window(tmp_path)
    qtbot.addWidget(first)
    first.show()
    first.docks["units"].close()
    first.docks["data"].setFloating(True)
    first.close()
    second = shell.window(tmp_path)
    qtbot.addWidget(second)
    assert second.docks["units"].isHidden()
    assert second.docks["data"].isFloating()
    second.reset_layout()
    assert not second.docks["units"].isHidden()
    assert not second.docks["data"].isFloating()


def test_that_a_damaged_layout_never_reaches_qt(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shell.window(tmp_path)
    qtbot.addWidget(first)
    first.show()
    first.close()
    file = tmp_path / "layout.json"
    text = file.read_text()
    restored: list[bytes] = []
    monkeypatch.setattr(
        MainWindow, "restoreState", lambda self, state, version: restored.append(bytes(state))
    )
    file.write_text(text.replace("A", "B", 1))
    second = shell.window(tmp_path)
    qtbot.addWidget(second)
    assert restored == []
    file.write_text(text)
    third = shell.window(tmp_path)
    qtbot.addWidget(third)
    assert len(restored) == 1


def test_that_two_starts_that_died_lead_to_the_first_layout(qtbot: QtBot, tmp_path: Path) -> None:
    first = shell.window(tmp_path)
    qtbot.addWidget(first)
    first.show()
    first.docks["units"].close()
    first.close()
    for _ in range(2):
        LayoutStore(tmp_path).begin_start()
    second = shell.window(tmp_path)
    qtbot.addWidget(second)
    assert not second.docks["units"].isHidden()


def test_that_the_window_lies_on_a_screen(window: MainWindow) -> None:
    assert window.screen().availableGeometry().contains(window.geometry())


@pytest.mark.parametrize("name", ["train", "explore"])
def test_that_workspaces_show_their_docks(window: MainWindow, name: str) -> None:
    window.show()
    window.actions_by_name[f"workspace_{name}"].trigger()
    closed = {n for n, dock in window.docks.items() if dock.isHidden()}
    left = {"data", "model", "objective", "train", "loss", "log"}
    assert closed == (left if name == "explore" else set())


def test_that_a_floated_dock_can_be_put_back(window: MainWindow) -> None:
    window.show()
    dock = window.docks["units"]
    dock.toggle_floating()
    assert dock.isFloating()
    menu = dock.head.menu()
    assert [action.text() for action in menu.actions()] == ["Put back", "Close"]
    menu.actions()[0].trigger()
    assert not dock.isFloating()
    menu.close()


def test_that_the_theme_is_pinned_from_the_menu_and_remembered(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = shell.window(tmp_path)
    qtbot.addWidget(window)
    window.actions_by_name["theme_dark"].trigger()
    assert Settings(tmp_path).theme == "dark"
    window.actions_by_name["theme_system"].trigger()
    assert Settings(tmp_path).theme == "system"


def test_that_undo_and_redo_belong_to_the_settings(
    qtbot: QtBot, tmp_path: Path, qapp: object
) -> None:
    desk = ConfigDesk(RunConfig())
    window = MainWindow(
        shell.panels(), theme=Theme(qapp, "light"),  # type: ignore[arg-type]
        settings=Settings(tmp_path), layouts=LayoutStore(tmp_path), undo_stack=desk.undo_stack,
    )  # fmt: skip
    qtbot.addWidget(window)
    assert not window.actions_by_name["undo"].isEnabled()
    desk.turn("train.epochs", 3)
    window.actions_by_name["undo"].trigger()
    assert desk.config.train.epochs == 10
    window.actions_by_name["redo"].trigger()
    assert desk.config.train.epochs == 3
    assert isinstance(desk.undo_stack, QUndoStack)


def test_that_an_opened_run_is_remembered_and_offered_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "2026-11-22 mnist"
    with qtbot.waitSignal(window.open_run_requested) as told:
        window.open_run(str(run))
    assert told.args == [str(run)]
    recent = window._menus.recent
    window._menus.list_recent()
    assert [action.text() for action in recent.actions()] == ["2026-11-22 mnist"]
    with qtbot.waitSignal(window.open_run_requested):
        recent.actions()[0].trigger()


def test_that_messages_say_what_was_written_or_refused(window: MainWindow) -> None:
    window.show()
    window.show_saved("/tmp/x/pictures.png")
    assert window.messages.sentence == "Saved pictures.png."
    window.show_save_failed("The disk is full.")
    assert window.messages.sentence == "The disk is full."
    window.show_exported(GridExported("/tmp/x/samples.png", (1920, 1080), 5, 12.0))
    assert window.messages.sentence == "Saved samples.png (1920 × 1080 pixels)."
    assert window.messages.isVisible()
    window.show_failure(RequestFailed("open run", "That folder holds no run."))
    assert window.messages.sentence == "That folder holds no run."


def test_that_the_title_names_the_run(window: MainWindow) -> None:
    window.show_model(MODEL)
    assert window.windowTitle() == "2026-11-22 mnist — VAE Studio"


def test_that_a_run_on_patient_data_is_not_kept_among_the_recent_ones(window: MainWindow) -> None:
    window.open_run("/runs/a")
    window.show_model(MODEL)
    window.open_run("/runs/scans")
    window.show_model(replace(MODEL, patient_data=True))
    assert window._settings.recent_runs == ("/runs/a",)
