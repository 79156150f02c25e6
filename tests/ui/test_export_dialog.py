"""The export dialog: what is previewed is what is saved, and every wish gets one answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from vae_studio.domain.grid import CAPTION_TEMPLATE, SampleGridSpec
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import GridExported, GridPreviewed, ModelChanged, RequestFailed
from vae_studio.export.grid import grid_size, sample_grid_png
from vae_studio.export.provenance import Provenance, read_provenance
from vae_studio.ui.dialogs import export_asker
from vae_studio.ui.dialogs.export_dialog import (
    EXPORT_WISH,
    NO_MODEL,
    PREVIEW_WISH,
    ExportDialog,
)
from vae_studio.ui.dialogs.export_form import FIRST_SPEC
from vae_studio.ui.settings import Settings

#: Qt's offscreen platform says this of every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

KNOWN = Provenance("r1", "first light", "c0ffee", 2574, 0, 1.0, "grey-BCE", "MNIST", 20, 1.0)


def png_of(spec: SampleGridSpec) -> bytes:
    generator = np.random.default_rng(spec.seed)
    pictures = generator.integers(0, 256, (spec.count, 28, 28, 1)).astype(np.uint8)
    return sample_grid_png(pictures, spec, KNOWN)


def answer(spec: SampleGridSpec) -> GridPreviewed:
    return GridPreviewed(spec, png_of(spec), grid_size(spec, (28, 28, 1), KNOWN), 2574)


def model(units: int) -> ModelChanged:
    return ModelChanged(units, (1, 28, 28), (), "run", "grey-BCE", "first light", 0)


class Asked:
    """What the dialog asked for, in order."""

    def __init__(self, dialog: ExportDialog) -> None:
        self.previews: list[SampleGridSpec] = []
        self.files: list[tuple[SampleGridSpec, str]] = []
        dialog.preview_requested.connect(self.previews.append)
        dialog.export_requested.connect(lambda spec, path: self.files.append((spec, path)))


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> Iterator[ExportDialog]:
    dialog = ExportDialog(Settings(tmp_path), native_file_dialog=False)
    qtbot.addWidget(dialog)
    yield dialog
    dialog.close()


@pytest.fixture
def asked(dialog: ExportDialog, qtbot: QtBot) -> Asked:
    """The dialog in sight, its first preview answered."""
    asked = Asked(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: len(asked.previews) == 1)
    dialog.show_preview(answer(asked.previews[0]))
    return asked


def test_that_it_opens_with_a_slide_and_asks_for_its_picture(
    dialog: ExportDialog, asked: Asked
) -> None:
    assert not dialog.isModal()
    assert asked.previews == [FIRST_SPEC]
    assert (FIRST_SPEC.page, FIRST_SPEC.caption) == ("slide-16:9", CAPTION_TEMPLATE)
    assert dialog._facts.full_text.startswith("1,920 × 1,080 px · ")
    assert dialog._facts.full_text.endswith(" kB · step 2,574")


def test_that_the_preview_shows_the_pixels_of_the_file(dialog: ExportDialog, asked: Asked) -> None:
    expected = QImage.fromData(png_of(FIRST_SPEC))
    assert dialog.preview.image == expected
    shown = dialog.preview.grab().toImage()
    corner, middle = QPoint(1, 1), dialog.preview.picture_rect().center()
    assert shown.pixelColor(middle) != shown.pixelColor(corner)


def test_that_changes_in_a_burst_ask_once_for_the_last_state(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    for rows in (9, 10, 11):
        dialog.form.rows.setValue(rows)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    assert asked.previews[-1].rows == 11


def test_that_at_most_one_preview_is_under_way_and_the_latest_wins(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(3)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.form.rows.setValue(4)
    dialog.form.columns.setValue(5)
    qtbot.waitUntil(lambda: not dialog._asker._timer.isActive())
    assert len(asked.previews) == 2
    dialog.show_preview(answer(asked.previews[-1]))
    assert len(asked.previews) == 3
    assert (asked.previews[-1].rows, asked.previews[-1].columns) == (4, 5)
    dialog.show_preview(answer(asked.previews[-1]))
    assert not dialog._asker.is_waiting


def test_that_a_preview_for_somebody_else_is_left_alone(dialog: ExportDialog, asked: Asked) -> None:
    before = dialog.preview.image
    dialog.show_preview(answer(SampleGridSpec(rows=1, columns=1)))
    assert dialog.preview.image == before
    assert len(asked.previews) == 1


def test_that_a_wish_lost_to_somebody_elses_newer_one_is_made_again(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(3)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.show_preview(answer(SampleGridSpec(rows=1, columns=1)))
    assert [spec.rows for spec in asked.previews] == [8, 3, 3]


def test_that_nothing_is_asked_while_the_dialog_is_hidden(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.hide()
    dialog.form.rows.setValue(2)
    assert not dialog._asker.is_waiting
    dialog.show()
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    assert asked.previews[-1].rows == 2


def test_that_the_preview_follows_a_model_that_is_training(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_asker, "FOLLOW_MS", 1)
    monkeypatch.setattr(export_asker, "FOLLOW_SHARE", 1e9)
    dialog.apply_phase(Phase.RUNNING)
    for count in (2, 3, 4):
        qtbot.waitUntil(lambda count=count: len(asked.previews) == count)
        dialog.show_preview(answer(asked.previews[-1]))
    dialog.apply_phase(Phase.PAUSED)
    qtbot.waitUntil(lambda: len(asked.previews) == 5)
    dialog.show_preview(answer(asked.previews[-1]))
    assert not dialog._asker.is_waiting


def test_that_a_large_grid_is_followed_more_seldom(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_asker, "FOLLOW_MS", 1)
    dialog.apply_phase(Phase.RUNNING)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog._asker._asked_at -= 4.0  # the answer took four seconds
    dialog.show_preview(answer(asked.previews[-1]))
    assert dialog._asker._timer.remainingTime() > 100_000


def test_that_without_a_model_it_says_what_to_do(dialog: ExportDialog, qtbot: QtBot) -> None:
    asked = Asked(dialog)
    dialog.show_model(model(units=0))
    dialog.show()
    qtbot.waitExposed(dialog)
    assert not dialog._asker.is_waiting
    assert dialog.preview.accessibleDescription() == NO_MODEL
    assert not dialog.bar.save_button.isEnabled()
    assert not dialog.bar.copy_button.isEnabled()
    assert "Train or open a run first" in dialog.bar.save_button.toolTip()
    dialog.show_model(model(units=2))
    qtbot.waitUntil(lambda: len(asked.previews) == 1)
    assert dialog.bar.save_button.isEnabled()


def test_that_a_picture_that_cannot_be_drawn_is_explained_in_place(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(150)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.show_failure(RequestFailed(PREVIEW_WISH, "150 rows do not fit."))
    assert dialog.verdict.sentence == "150 rows do not fit."
    assert dialog.verdict.is_bad
    assert not dialog.bar.save_button.isEnabled()
    assert "150 rows do not fit." in dialog.bar.save_button.toolTip()
    dialog.form.rows.setValue(8)
    assert dialog.bar.save_button.isEnabled()
    qtbot.waitUntil(lambda: len(asked.previews) == 3)
    dialog.show_preview(answer(asked.previews[-1]))
    assert dialog.verdict.sentence == ""


def test_that_a_failed_preview_asks_again_only_for_something_newer(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(150)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.form.rows.setValue(7)
    dialog.show_failure(RequestFailed(PREVIEW_WISH, "150 rows do not fit."))
    assert asked.previews[-1].rows == 7
    assert dialog.verdict.sentence == ""
    assert dialog.bar.save_button.isEnabled()
    dialog.show_failure(RequestFailed(PREVIEW_WISH, "no."))
    assert not dialog._asker.is_waiting


def test_that_failures_of_others_stay_theirs(dialog: ExportDialog, asked: Asked) -> None:
    dialog.save_to("digits.png")
    dialog.verdict.clear()
    dialog.show_failure(RequestFailed("decode a code", "That code has three units."))
    assert dialog.verdict.sentence == ""
    assert not dialog.bar.save_button.isEnabled()


def test_that_the_worker_names_its_failures_as_the_dialog_expects(checkout: Path) -> None:
    source = (checkout / "vae_studio" / "worker" / "model_worker.py").read_text("utf-8")
    assert f'@reports_failure("{PREVIEW_WISH}")' in source
    assert f'@reports_failure("{EXPORT_WISH}")' in source


def test_that_saving_asks_for_a_file_and_remembers_its_folder(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    QTest.mouseClick(dialog.bar.save_button, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    assert [Path(file).name for file in chooser.selectedFiles()] == ["samples-8x8-seed-0.png"]
    assert chooser.defaultSuffix() == "png"
    chooser.fileSelected.emit(str(folder / "digits.png"))
    chooser.close()
    assert asked.files == [(FIRST_SPEC, str(folder / "digits.png"))]
    assert not dialog.bar.save_button.isEnabled()  # one at a time
    assert Settings(tmp_path).folder("export") == str(folder)
    dialog.show_exported(GridExported(str(folder / "digits.png"), (1920, 1080), 2574, 84.4))
    assert dialog.verdict.sentence == "Saved digits.png in 84 ms"
    assert dialog.bar.save_button.isEnabled()


def test_that_a_folder_that_vanished_is_not_offered_again(
    dialog: ExportDialog, asked: Asked, tmp_path: Path, home: Path
) -> None:
    dialog.save_to(str(tmp_path / "gone" / "digits.png"))
    assert dialog._folder() == str(home)


def test_that_a_failed_save_is_one_sentence_and_can_be_tried_again(
    dialog: ExportDialog, asked: Asked, tmp_path: Path
) -> None:
    dialog.save_to(str(tmp_path / "digits.png"))
    dialog.show_failure(RequestFailed(EXPORT_WISH, "The disk is full."))
    assert dialog.verdict.sentence == "The disk is full."
    assert dialog.verdict.is_bad
    assert dialog.bar.save_button.isEnabled()
    assert dialog.bar.copy_button.isEnabled()


def test_that_the_links_open_the_folder_and_copy_the_path(
    dialog: ExportDialog, asked: Asked, tmp_path: Path
) -> None:
    path = tmp_path / "a & b <c>.png"
    dialog.save_to(str(path))
    dialog.show_exported(GridExported(str(path), (1920, 1080), 2574, 84.0))
    text = dialog.verdict.findChild(QLabel)
    assert text is not None
    assert "a &amp; b &lt;c&gt;.png" in text.text()
    dialog.verdict.link_chosen.emit(f"copy:{path}")
    assert QGuiApplication.clipboard().text() == str(path)


def test_that_show_in_folder_opens_the_folder_of_the_file(
    dialog: ExportDialog, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog.verdict.link_chosen.emit(QUrl.fromLocalFile(str(tmp_path)).toString())
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]


def test_that_copy_puts_the_very_bytes_on_the_clipboard(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(dialog.copied):
        dialog.bar.copy_button.click()
    mime = QGuiApplication.clipboard().mimeData()
    assert bytes(mime.data("image/png").data()) == png_of(FIRST_SPEC)
    assert mime.hasImage()
    origin = read_provenance(bytes(mime.data("image/png").data()))
    assert origin is not None
    assert origin.spec == FIRST_SPEC
    assert dialog.verdict.sentence == "Copied 1,920 × 1,080 pixels, ready to paste"


def test_that_copy_right_after_a_change_waits_for_its_picture(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.seed.setValue(3)
    dialog.bar.copy_button.click()
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    with qtbot.waitSignal(dialog.copied):
        dialog.show_preview(answer(asked.previews[-1]))
    copied = QGuiApplication.clipboard().mimeData().data("image/png")
    assert bytes(copied.data()) == png_of(replace(FIRST_SPEC, seed=3))


def test_that_undo_and_redo_work_from_inside_a_text_field(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(3)
    dialog.form.title.setFocus()
    QTest.keyClicks(dialog.form.title, "abc")
    assert dialog.form.spec().title == "abc"
    QTest.keyClick(dialog.form.title, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (dialog.form.spec().title, dialog.form.spec().rows) == ("", 3)
    QTest.keyClick(dialog.form.title, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dialog.form.spec() == FIRST_SPEC
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(dialog.form.title, Qt.Key.Key_Z, both)
    QTest.keyClick(dialog.form.title, Qt.Key.Key_Z, both)
    assert (dialog.form.spec().title, dialog.form.spec().rows) == ("abc", 3)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)


def test_that_undo_is_grey_when_there_is_nothing_to_undo(dialog: ExportDialog) -> None:
    assert not dialog.undo_action.isEnabled()
    dialog.form.rows.setValue(3)
    assert dialog.undo_action.isEnabled()
    dialog.reset_action.trigger()
    assert dialog.form.spec() == FIRST_SPEC
    dialog.undo_action.trigger()
    assert dialog.form.spec().rows == 3
    assert dialog.redo_action.isEnabled()


def test_that_enter_saves_what_was_just_typed(dialog: ExportDialog, asked: Asked) -> None:
    field = dialog.form.columns
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "12")
    QTest.keyClick(field, Qt.Key.Key_Return)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    chooser.fileSelected.emit("/nowhere/digits.png")
    chooser.close()
    assert asked.files[0][0].columns == 12


def test_that_escape_closes_and_the_form_is_kept(dialog: ExportDialog, asked: Asked) -> None:
    dialog.form.rows.setValue(3)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert dialog.form.spec().rows == 3


def test_that_a_huge_picture_is_loaded_step_by_step(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    spec = SampleGridSpec(rows=40, columns=40, scale=3)
    dialog.form.show_spec(spec)
    with qtbot.waitSignal(dialog._loader.loaded):
        dialog.show_preview(answer(spec))
    assert max(dialog.preview.image.width(), dialog.preview.image.height()) <= 2048


def test_that_a_transparent_picture_stands_on_checks(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    spec = replace(FIRST_SPEC, background="transparent", title="", caption="")
    dialog.form.show_spec(spec)
    dialog.show_preview(answer(spec))
    shown = dialog.preview.grab().toImage()
    left = dialog.preview.picture_rect().topLeft()
    row = {shown.pixelColor(left.x() + x, left.y() + 4).name() for x in range(4, 40)}
    assert len(row) == 2


def test_that_a_model_of_patient_data_is_told_as_such(dialog: ExportDialog) -> None:
    dialog.show_model(model(2))
    assert dialog._patients.isHidden()
    dialog.show_model(replace(model(2), patient_data=True))
    assert not dialog._patients.isHidden()
    assert "its weights" in dialog._patients.text()
