"""Choosing pictures."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from support.shell import ENTRIES, Entry, data_loaded, data_panel

from vae_studio.data.catalog import load_splits
from vae_studio.data.preflight import looked_over
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.phase import Phase
from vae_studio.domain.preflight import Advice
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


@pytest.mark.parametrize(
    ("name", "taken"),
    [("picture.PNG", "folder"), ("slice.dcm", "folder"), ("a.npz", "file"), ("labels.csv", "file")],
)
def test_that_a_dropped_picture_means_its_folder_and_a_file_of_arrays_itself(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path, name: str, taken: str
) -> None:
    file = tmp_path / name
    file.write_bytes(b"")
    with qtbot.waitSignal(panel.data_chosen) as told:
        assert drop(panel, file)
    assert told.args == [str(file if taken == "file" else tmp_path), ""]


def test_that_other_files_and_several_folders_are_not_taken(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(b"")
    with qtbot.assertNotEmitted(panel.data_chosen):
        assert not drop(panel, file)
        assert not drop(panel, tmp_path / "gone.png")
        assert not drop(panel, tmp_path, tmp_path)


def test_that_a_drag_over_the_dock_says_what_a_drop_would_do(
    panel: DataPanel, tmp_path: Path
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime,
                            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(panel, enter)
    assert panel.drops.hint == "Drop to train on the folder"
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert panel.drops.hint == ""


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


@pytest.mark.parametrize("place", [0, 1])
def test_that_buttons_ask_for_a_folder_or_a_file(
    panel: DataPanel, qtbot: QtBot, tmp_path: Path, place: int
) -> None:
    with qtbot.waitSignal((panel.folder_requested, panel.file_requested)[place]):
        (panel._folder, panel._file)[place].click()
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(panel.data_chosen) as told:
        dialog.fileSelected.emit(str(tmp_path))
    assert told.args == [str(tmp_path), ""]
    dialog.close()


def test_that_options_of_a_set_are_offered_and_asked_for_by_name(qtbot: QtBot) -> None:
    panel = DataPanel((*ENTRIES, Entry("shapes", present=True)), lambda name: True)
    qtbot.addWidget(panel)
    panel.show_config(with_value(RunConfig(), "data.dataset", "shapes:64"))
    assert panel._sets.currentData() == "shapes"
    assert panel.options.editor("side").value() == "64"
    field = panel.options.editor("rotation").field
    with qtbot.waitSignal(panel.data_chosen) as told:
        field.toggle()  # type: ignore[attr-defined]
    assert told.args == ["shapes:64,rotation", ""]
    panel.apply_phase(Phase.RUNNING)
    assert not field.isEnabled()
    panel.show_config(RunConfig())
    assert panel.options.isHidden()


def test_that_a_window_is_offered_once_deep_pictures_were_found(panel: DataPanel) -> None:
    flat = looked_over(load_splits("fashion-mini"))
    deep = replace(flat, files=replace(flat.files, kinds=(("PNG, grey, 16 bit", 3),)))
    panel.show_config(with_value(RunConfig(), "data.dataset", "folder:scans"))
    panel.show_check(flat)
    assert panel.options.isHidden()
    panel.show_check(deep)
    assert not panel.options.isHidden()
    panel.show_config(with_value(RunConfig(), "data.dataset", "folder:a,window=400,level=40"))
    assert panel.options.editor("window").value() == 400


def test_that_large_pictures_are_fewer(panel: DataPanel) -> None:
    pictures = np.zeros((32, 64, 64, 1), np.uint8)
    panel.show_data(data_loaded(shape=(1, 64, 64), pictures=pictures))
    assert len(panel.pictures.pictures) == 6


def test_that_a_larger_version_that_is_not_here_is_offered_as_a_download(qtbot: QtBot) -> None:
    name = "medmnist:breast"
    panel = DataPanel((Entry(name, present=True, downloadable=True),), lambda n: n == name)
    qtbot.addWidget(panel)
    panel.show_config(with_value(RunConfig(), "data.dataset", name))
    side = panel.options.editor("side").field
    with qtbot.waitSignal(panel.download_requested) as told:
        side.setCurrentIndex(2)  # type: ignore[attr-defined]
    assert told.args == ["medmnist:breast,128"]


def test_that_only_ones_own_pictures_are_asked_whether_they_contain_patient_data(
    panel: DataPanel, qtbot: QtBot
) -> None:
    panel.show_data(data_loaded())
    assert not panel._patients.isVisible()
    panel.show_data(data_loaded(dataset="folder:scans", patient_data=True))
    assert panel._patients.isVisible()
    assert panel._patients.isChecked()
    with qtbot.waitSignal(panel.patient_data_turned) as told:
        panel._patients.click()
    assert told.args == ["folder:scans", False]


def test_that_a_caveat_stands_beside_the_facts(panel: DataPanel) -> None:
    panel.show_data(data_loaded(caveat="not the official file"))
    assert panel._caveat.isVisible()
    assert panel._caveat.text() == "not the official file"
    panel.show_data(data_loaded())
    assert not panel._caveat.isVisible()


def test_that_a_check_is_summed_up_in_a_line_and_told_in_full_behind_it(
    panel: DataPanel, qtbot: QtBot
) -> None:
    check, found = panel.check, looked_over(load_splits("fashion-mini"))
    check.show_progress("fashion-mini", 0.25)
    assert check.summary == "checking… 25 %"
    check.show_check(found)
    assert check.summary == "✓ checked, nothing is wrong"
    leak = Advice("warning", "12 test pictures are also in the training set.")
    check.show_check(replace(found, advice=(leak,)))
    assert check.summary == "⚠ 1 thing to mend"
    check.disclosure.set_open(True)
    told = [label.text() for label in check.findChildren(QLabel) if label.isVisible()]
    assert "⚠ 12 test pictures are also in the training set." in told
    assert check._values.caption_at(0).startswith("value 0 of 255: 50.")
    count = found.parts[0].classes_K[0]
    assert check._classes.caption_at(0) == f"T-shirt/top: {count:,} training pictures"


def test_that_a_check_can_be_stopped_and_forgotten_with_its_pictures(
    panel: DataPanel, qtbot: QtBot
) -> None:
    panel.show_data(data_loaded())
    panel.check.show_progress("fashion-mini", 0.5)
    with qtbot.waitSignal(panel.check.cancel_requested):
        panel.check._stop.click()
    assert panel.check.summary == "not checked"
    panel.check.show_check(looked_over(load_splits("fashion-mini")))
    panel.show_data(data_loaded())  # the same pictures again, as a run begins
    assert panel.check.summary.startswith("✓")
    panel.show_data(data_loaded(dataset="mnist"))
    assert panel.check.summary == "not checked"


def test_that_the_worker_calls_loading_by_the_name_the_panel_listens_for() -> None:
    worker = find_spec("vae_studio.worker.model_worker")
    assert worker is not None
    assert worker.origin is not None
    assert f'@reports_failure("{LOADING}")' in Path(worker.origin).read_text(encoding="utf-8")
