"""The export dialog: what is previewed is what is saved, and every wish gets one answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vae_studio.domain.grid import CAPTION_TEMPLATE, SampleGridSpec
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import GridExported, GridPreviewed, ModelChanged, RequestFailed
from vae_studio.export.grid import grid_size, sample_grid_png
from vae_studio.export.provenance import Provenance, read_provenance
from vae_studio.ui.dialogs import export_asker
from vae_studio.ui.dialogs.export_dialog import NO_MODEL, ExportDialog, file_name, file_size
from vae_studio.ui.dialogs.export_form import FIRST_SPEC, ExportForm
from vae_studio.ui.settings import Settings

#: Qt's offscreen platform says this of every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

KNOWN = Provenance("r1", "first light", "c0ffee", 2574, 0, 1.0, "grey-BCE", "MNIST", 20, 1.0)
ROLLED = 4711


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
    dialog = ExportDialog(
        Settings(tmp_path), form=ExportForm(dice=lambda: ROLLED), native_file_dialog=False
    )
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
    assert not dialog.save_button.isEnabled()
    assert not dialog.copy_button.isEnabled()
    assert "Train or open a run first" in dialog.save_button.toolTip()
    dialog.show_model(model(units=2))
    qtbot.waitUntil(lambda: len(asked.previews) == 1)
    assert dialog.save_button.isEnabled()


def test_that_a_picture_that_cannot_be_drawn_is_explained_in_place(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(150)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.show_failure(RequestFailed("draw the grid", "150 rows do not fit."))
    assert dialog.verdict.sentence == "150 rows do not fit."
    assert dialog.verdict.is_bad
    assert not dialog.save_button.isEnabled()
    assert "150 rows do not fit." in dialog.save_button.toolTip()
    dialog.form.rows.setValue(8)
    assert dialog.save_button.isEnabled()
    qtbot.waitUntil(lambda: len(asked.previews) == 3)
    dialog.show_preview(answer(asked.previews[-1]))
    assert dialog.verdict.sentence == ""


def test_that_a_failed_preview_asks_again_only_for_something_newer(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot
) -> None:
    dialog.form.rows.setValue(150)
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    dialog.form.rows.setValue(7)
    dialog.show_failure(RequestFailed("draw the grid", "150 rows do not fit."))
    assert asked.previews[-1].rows == 7
    assert dialog.verdict.sentence == ""
    assert dialog.save_button.isEnabled()
    dialog.show_failure(RequestFailed("draw the grid", "no."))
    assert not dialog._asker.is_waiting


def test_that_failures_of_others_stay_theirs(dialog: ExportDialog, asked: Asked) -> None:
    dialog.show_failure(RequestFailed("decode a code", "That code has three units."))
    assert dialog.verdict.sentence == ""


def test_that_saving_asks_for_a_file_and_remembers_its_folder(
    dialog: ExportDialog, asked: Asked, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    assert [Path(file).name for file in chooser.selectedFiles()] == ["samples-8x8-seed-0.png"]
    assert chooser.defaultSuffix() == "png"
    chooser.fileSelected.emit(str(folder / "digits.png"))
    chooser.close()
    assert asked.files == [(FIRST_SPEC, str(folder / "digits.png"))]
    assert not dialog.save_button.isEnabled()  # one at a time
    assert Settings(tmp_path).folder("export") == str(folder)
    dialog.show_exported(GridExported(str(folder / "digits.png"), (1920, 1080), 2574, 84.4))
    assert dialog.verdict.sentence == "Saved digits.png in 84 ms"
    assert dialog.save_button.isEnabled()


def test_that_a_folder_that_vanished_is_not_offered_again(
    dialog: ExportDialog, asked: Asked, tmp_path: Path, home: Path
) -> None:
    dialog.save_to(str(tmp_path / "gone" / "digits.png"))
    assert dialog._folder() == str(home)


def test_that_a_failed_save_is_one_sentence_and_can_be_tried_again(
    dialog: ExportDialog, asked: Asked, tmp_path: Path
) -> None:
    dialog.save_to(str(tmp_path / "digits.png"))
    dialog.show_failure(RequestFailed("save the grid", "The disk is full."))
    assert dialog.verdict.sentence == "The disk is full."
    assert dialog.verdict.is_bad
    assert dialog.save_button.isEnabled()
    assert dialog.copy_button.isEnabled()


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
        dialog.copy_button.click()
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
    dialog.copy_button.click()
    qtbot.waitUntil(lambda: len(asked.previews) == 2)
    with qtbot.waitSignal(dialog.copied):
        dialog.show_preview(answer(asked.previews[-1]))
    copied = QGuiApplication.clipboard().mimeData().data("image/png")
    assert bytes(copied.data()) == png_of(replace(FIRST_SPEC, seed=3))


def test_that_the_form_says_what_was_typed(dialog: ExportDialog) -> None:
    form = dialog.form
    form.page.button("grid").click()
    form.background.button("white").click()
    for field, value in (
        (form.rows, 3), (form.columns, 5), (form.gap, 7), (form.border, 11), (form.scale, 6),
        (form.seed, 42), (form.temperature, 0.7),
    ):  # fmt: skip
        field.setValue(value)
    form.title.setText("β")
    form.caption.setText("step {step}")
    assert form.spec() == SampleGridSpec(
        rows=3, columns=5, gap_px=7, border_px=11, scale=6, seed=42, temperature=0.7,
        background="white", title="β", caption="step {step}", page="grid",
    )  # fmt: skip


@pytest.mark.parametrize("page", ["grid", "slide-16:9", "slide-4:3"])
def test_that_any_spec_shown_is_the_spec_said(dialog: ExportDialog, page: str) -> None:
    spec = SampleGridSpec(
        rows=200, columns=1, gap_px=0, border_px=1000, scale=64, seed=2**53, temperature=10.0,
        background="transparent", title="a", caption="", page=page,
    )  # fmt: skip
    dialog.form.show_spec(spec)
    assert dialog.form.spec() == spec


def test_that_every_page_remembers_its_scale(dialog: ExportDialog) -> None:
    form = dialog.form
    assert form.scale.text() == "fits"
    form.page.button("grid").click()
    assert form.spec().scale == 4
    form.scale.setValue(7)
    form.page.button("slide-4:3").click()
    assert form.spec().scale == 0
    form.page.button("grid").click()
    assert form.spec().scale == 7


def test_that_the_dice_choose_a_seed(dialog: ExportDialog) -> None:
    QTest.mouseClick(dialog.form.roll_button, Qt.MouseButton.LeftButton)
    assert dialog.form.spec().seed == ROLLED


def test_that_a_fact_is_inserted_where_the_cursor_is(dialog: ExportDialog) -> None:
    dialog.form.caption.setText("at  of the run")
    dialog.form.caption.setCursorPosition(3)
    actions = dialog.form.facts_button.menu().actions()
    next(action for action in actions if action.data() == "step").trigger()
    assert dialog.form.caption.text() == "at {step} of the run"


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


def test_that_sizes_and_names_are_plain() -> None:
    assert [file_size(n) for n in (840, 36_020, 4_232_027)] == ["840 bytes", "36 kB", "4.2 MB"]
    assert file_name(SampleGridSpec(rows=2, columns=3, seed=9)) == "samples-2x3-seed-9.png"
