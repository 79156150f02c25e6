"""Choosing pictures."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from support.shell import ENTRIES, Entry, data_loaded, data_panel

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import RequestFailed
from vae_studio.ui.panels.data import LOADING, DataPanel, counts, facts

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def panel(qtbot: QtBot) -> DataPanel:
    made = data_panel()
    qtbot.addWidget(made)
    made.show()
    return made


def choose(panel: DataPanel, name: str) -> None:
    """Choose a set as a person does."""
    row = panel._sets.findData(name)
    panel._sets.setCurrentIndex(row)
    panel._sets.activated.emit(row)


def drop(panel: DataPanel, *paths: Path) -> bool:
    """Drag paths over the panel and let go; whether the panel took them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, mime, left, no_keys)
    QApplication.sendEvent(panel, enter)
    dropped = QDropEvent(QPointF(5, 5), copy, mime, left, no_keys)
    dropped.setAccepted(False)
    QApplication.sendEvent(panel, dropped)
    return enter.isAccepted()


def test_that_choosing_a_present_set_tells_its_name(panel: DataPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.data_chosen) as told:
        choose(panel, "fashion-mini")
    assert told.args == ["fashion-mini", ""]
    assert panel.status == "loading…"


def test_that_a_set_that_is_not_here_is_not_fetched_unasked(panel: DataPanel, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(panel.data_chosen),
        qtbot.waitSignal(panel.download_requested) as told,
    ):
        choose(panel, "mnist")
    assert told.args == ["mnist"]
    assert panel.status == "not here yet"


def test_that_a_set_that_cannot_be_had_here_is_asked_for_so_that_the_way_to_get_it_is_told(
    qtbot: QtBot,
) -> None:
    panel = DataPanel((*ENTRIES, Entry("celeba", present=False)), lambda name: name != "celeba")
    qtbot.addWidget(panel)
    with qtbot.assertNotEmitted(panel.download_requested), qtbot.waitSignal(panel.data_chosen):
        choose(panel, "celeba")
    panel.show_failure(RequestFailed(LOADING, "Get the zip."))
    assert panel._notes.text() == "Get the zip."


def test_that_the_set_in_memory_is_named_again_when_another_one_does_not_come(
    panel: DataPanel,
) -> None:
    panel.show_data(data_loaded())
    for give_up in (panel.show_loaded, lambda: panel.show_failure(RequestFailed(LOADING, "No."))):
        choose(panel, "mnist")
        give_up()
        assert panel._sets.currentData() == "fashion-mini"


def test_that_a_set_that_has_come_is_called_here(panel: DataPanel, qtbot: QtBot) -> None:
    row = panel._sets.findData("mnist")
    assert panel._sets.itemText(row) == "Mnist (not here)"
    panel.show_data(data_loaded(dataset="mnist", title="Mnist"))
    assert panel._sets.itemText(row) == "Mnist"
    with qtbot.waitSignal(panel.data_chosen) as told:
        choose(panel, "mnist")
    assert told.args == ["mnist", ""]


def test_that_loaded_pictures_are_shown_with_counts_and_range(panel: DataPanel) -> None:
    panel.show_data(data_loaded(notes=("2 pictures could not be read.",)))
    assert panel.status == "12,000 + 2,000"
    assert panel.pictures.pictures.shape == (32, 28, 28, 1)
    assert panel._range.text() == "0 … 1"
    assert panel._notes.isVisible()
    assert panel._notes.text() == "2 pictures could not be read."


def test_that_facts_name_size_colour_and_classes() -> None:
    assert facts(data_loaded()) == "28 × 28 · 10 classes"
    assert facts(data_loaded(shape=(3, 48, 64), class_names=())) == "64 × 48 RGB"
    assert counts(data_loaded()) == "10,800 to train on · 1,200 held out · 2,000 to test"


def test_that_a_failure_is_said_and_what_was_shown_stays(panel: DataPanel) -> None:
    panel.show_data(data_loaded())
    panel.show_failure(RequestFailed("open the run", "That folder holds no run."))
    assert not panel._notes.isVisible()
    panel.show_failure(RequestFailed(LOADING, "mnist is damaged."))
    assert panel._notes.text() == "mnist is damaged."
    assert len(panel.pictures.pictures) == 32


def test_that_a_dropped_folder_is_chosen(panel: DataPanel, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(panel.data_chosen) as told:
        assert drop(panel, tmp_path)
    assert told.args == [str(tmp_path), ""]


def test_that_files_and_several_folders_are_not_taken(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    with qtbot.assertNotEmitted(panel.data_chosen):
        assert not drop(panel, file)
        assert not drop(panel, tmp_path, tmp_path)


def test_that_nothing_can_be_chosen_while_a_run_is_under_way(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.apply_phase(Phase.RUNNING)
    assert not panel._sets.isEnabled()
    with qtbot.assertNotEmitted(panel.data_chosen):
        drop(panel, tmp_path)
    panel.apply_phase(Phase.DONE)
    assert panel._sets.isEnabled()


def test_that_a_folder_of_ones_own_is_named_in_the_list(panel: DataPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.data_chosen):
        panel.show_config(with_value(RunConfig(), "data.dataset", "folder:scans"))
    assert panel._sets.currentText() == "scans"


def test_that_the_folder_button_asks_for_a_folder(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(panel.folder_requested):
        panel._folder.click()
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(panel.data_chosen) as told:
        dialog.fileSelected.emit(str(tmp_path))
    assert told.args == [str(tmp_path), ""]
    dialog.close()


def test_that_the_worker_calls_loading_by_the_name_the_panel_listens_for() -> None:
    worker = find_spec("vae_studio.worker.model_worker")
    assert worker is not None
    assert worker.origin is not None
    assert f'@reports_failure("{LOADING}")' in Path(worker.origin).read_text(encoding="utf-8")
