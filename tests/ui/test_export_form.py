"""The export form says what was typed, and shows what it is told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vae_studio.domain.grid import SampleGridSpec
from vae_studio.ui.dialogs.export_form import FIRST_SPEC, ExportForm

ROLLED = 4711

#: Qt's offscreen platform says this of every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def form(qtbot: QtBot) -> ExportForm:
    form = ExportForm(dice=lambda: ROLLED)
    qtbot.addWidget(form)
    return form


def test_that_the_form_says_what_was_typed(form: ExportForm) -> None:
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
def test_that_any_spec_shown_is_the_spec_said(form: ExportForm, page: str) -> None:
    spec = SampleGridSpec(
        rows=200, columns=1, gap_px=0, border_px=1000, scale=64, seed=2**53, temperature=10.0,
        background="transparent", title="a", caption="", page=page,
    )  # fmt: skip
    form.show_spec(spec)
    assert form.spec() == spec


def test_that_every_page_remembers_its_scale(form: ExportForm) -> None:
    assert form.scale.text() == "fits"
    form.page.button("grid").click()
    assert form.spec().scale == 4
    form.scale.setValue(7)
    form.page.button("slide-4:3").click()
    assert form.spec().scale == 0
    form.page.button("grid").click()
    assert form.spec().scale == 7


def test_that_the_dice_choose_a_seed(form: ExportForm) -> None:
    QTest.mouseClick(form.roll_button, Qt.MouseButton.LeftButton)
    assert form.spec().seed == ROLLED


def test_that_a_fact_is_inserted_where_the_cursor_is(form: ExportForm) -> None:
    form.caption.setText("at  of the run")
    form.caption.setCursorPosition(3)
    actions = form.facts_button.menu().actions()
    next(action for action in actions if action.data() == "step").trigger()
    assert form.caption.text() == "at {step} of the run"


def test_that_showing_a_spec_is_no_change_and_typing_is_one(form: ExportForm) -> None:
    changes: list[SampleGridSpec] = []
    form.changed.connect(lambda: changes.append(form.spec()))
    form.show_spec(SampleGridSpec(rows=3, title="a", background="white"))
    form.show_spec(FIRST_SPEC)
    assert changes == []
    form.page.button("grid").click()
    form.title.setText("b")
    form.background.button("white").click()
    assert [(spec.page, spec.title, spec.background) for spec in changes] == [
        ("grid", "", "black"), ("grid", "b", "black"), ("grid", "b", "white"),
    ]  # fmt: skip


def test_that_arrow_keys_move_along_the_pages(form: ExportForm, qtbot: QtBot) -> None:
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    form.page.button("slide-16:9").setFocus()
    QTest.keyClick(form.page.button("slide-16:9"), Qt.Key.Key_Right)
    assert form.spec().page == "slide-4:3"
    assert form.page.focusProxy() is form.page.button("slide-4:3")
