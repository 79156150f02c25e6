"""A schedule is drawn with the mouse or the keys, and what is trained already stays put."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot
from support.shell import CATALOGS, batches, data_loaded, run_started

from vae_studio.domain import polyline
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.events import KnobTurned
from vae_studio.domain.phase import Phase
from vae_studio.domain.schedules import QUANTITIES, Schedule
from vae_studio.ui.config_desk import ConfigDesk
from vae_studio.ui.panels.objective import ObjectivePanel
from vae_studio.ui.widgets.schedule_editor import ScheduleEditor

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

LEFT = Qt.MouseButton.LeftButton
LINE = "0:0, 0.5:1, 1:1"


@pytest.fixture
def editor(qtbot: QtBot) -> ScheduleEditor:
    made = ScheduleEditor()
    qtbot.addWidget(made)
    made.resize(446, 104)  # the plot is 400 × 80: a pixel is 1/400 of the run
    made.show_schedule(Schedule(2.0, "polyline", points=LINE), 1000)
    made.show()
    return made


@pytest.fixture
def drawn(editor: ScheduleEditor) -> list[str]:
    """Every line the editor told."""
    told: list[str] = []
    editor.line_drawn.connect(told.append)
    return told


def at(editor: ScheduleEditor, share: float, factor: float) -> QPoint:
    place: QPointF = editor._point(share, factor * 2.0)
    return place.toPoint()


def drag(qtbot: QtBot, editor: ScheduleEditor, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(editor, LEFT, pos=start)
    for i in range(1, 6):
        qtbot.mouseMove(editor, start + (end - start) * (i / 5))
    qtbot.mouseRelease(editor, LEFT, pos=end)


def test_that_a_click_adds_a_point(editor: ScheduleEditor, drawn: list, qtbot: QtBot) -> None:
    qtbot.mouseClick(editor, LEFT, pos=at(editor, 0.75, 0.5))
    assert len(drawn) == 1
    (share, factor) = polyline.parse(drawn[0])[2]
    assert (share, factor) == (pytest.approx(0.75, abs=0.005), pytest.approx(0.5, abs=0.02))


def test_that_a_point_is_dragged_and_told_once(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    drag(qtbot, editor, at(editor, 0.5, 1.0), at(editor, 0.25, 0.25))
    assert len(drawn) == 1
    line = polyline.parse(drawn[0])
    assert len(line) == 3
    assert line[1] == (pytest.approx(0.25, abs=0.005), pytest.approx(0.25, abs=0.02))


def test_that_a_point_stays_between_its_neighbours(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    drag(qtbot, editor, at(editor, 0.5, 1.0), QPoint(2000, -500))
    assert polyline.parse(drawn[0])[1] == (0.999, 1.0)


def test_that_a_press_without_a_move_tells_nothing(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    qtbot.mouseClick(editor, LEFT, pos=at(editor, 0.5, 1.0))
    qtbot.mouseClick(editor, Qt.MouseButton.RightButton, pos=at(editor, 0.7, 0.5))
    assert drawn == []


def test_that_a_double_click_removes_a_point(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    place = at(editor, 0.5, 1.0)
    qtbot.mouseClick(editor, LEFT, pos=place)
    qtbot.mouseDClick(editor, LEFT, pos=place)
    assert drawn == ["0:0, 1:1"]


def test_that_a_double_click_on_nothing_leaves_the_point_it_added(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    place = at(editor, 0.75, 0.3)
    qtbot.mouseClick(editor, LEFT, pos=place)
    qtbot.mouseDClick(editor, LEFT, pos=place)
    assert len(drawn) == 1
    assert len(editor.line) == 4


def test_that_two_points_always_remain(editor: ScheduleEditor, drawn: list, qtbot: QtBot) -> None:
    editor.setFocus()
    for _ in range(5):
        qtbot.keyClick(editor, Qt.Key.Key_PageDown)
        qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.line) == 2
    assert len(drawn) == 1


def test_that_the_keys_choose_move_add_and_remove(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_PageDown)
    qtbot.keyClick(editor, Qt.Key.Key_PageDown)
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    qtbot.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert drawn[-1] == "0:0, 0.49:0.999, 1:1"
    assert "Point 2 of 3: at 49.0% of the run, β 2." in editor.accessibleDescription()
    qtbot.keyClick(editor, Qt.Key.Key_Insert)
    assert polyline.parse(drawn[-1])[2] == (0.745, pytest.approx(0.9995))
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert drawn[-1] == "0:0, 0.49:0.999, 1:1"


def test_that_a_key_that_is_held_is_one_edit(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_PageDown)
    qtbot.keyClick(editor, Qt.Key.Key_PageDown)
    for _ in range(20):
        qtbot.keyPress(editor, Qt.Key.Key_Left)
    assert drawn == []
    qtbot.keyRelease(editor, Qt.Key.Key_Left)
    assert drawn == ["0:0, 0.3:1, 1:1"]


def test_that_other_curves_cannot_be_drawn_on(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.show_schedule(Schedule(2.0, "linear"), 1000)
    drag(qtbot, editor, at(editor, 0.5, 1.0), at(editor, 0.25, 0.25))
    qtbot.keyClick(editor, Qt.Key.Key_Insert)
    assert drawn == []
    assert editor.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_that_the_past_cannot_be_touched_while_training(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.show_now(600)
    drag(qtbot, editor, at(editor, 0.5, 1.0), at(editor, 0.25, 0.25))
    qtbot.mouseClick(editor, LEFT, pos=at(editor, 0.3, 0.1))
    qtbot.mouseDClick(editor, LEFT, pos=at(editor, 0.5, 1.0))
    assert drawn == []
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_PageUp)
    qtbot.keyClick(editor, Qt.Key.Key_PageUp)
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert drawn == ["0:0, 0.5:1, 0.6:1, 1:0.99"]


def test_that_a_line_ahead_begins_where_the_run_is(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.show_now(250)
    drag(qtbot, editor, at(editor, 0.5, 1.0), at(editor, 0.75, 0.0))
    line = polyline.parse(drawn[0])
    before = polyline.parse(LINE)
    assert line[:2] == ((0.0, 0.0), (0.25, 0.5))
    for share in (0.0, 0.1, 0.2, 0.25):
        assert polyline.value_at(line, share) == polyline.value_at(before, share)
    assert polyline.value_at(line, 0.75) == pytest.approx(0.0, abs=0.01)


def test_that_the_run_overtaking_a_drag_keeps_what_it_passed(
    editor: ScheduleEditor, drawn: list, qtbot: QtBot
) -> None:
    editor.show_now(250)
    qtbot.mousePress(editor, LEFT, pos=at(editor, 0.5, 1.0))
    qtbot.mouseMove(editor, at(editor, 0.4, 0.2))
    editor.show_now(450)
    qtbot.mouseRelease(editor, LEFT, pos=at(editor, 0.4, 0.2))
    line, before = polyline.parse((drawn or [LINE])[-1]), polyline.parse(LINE)
    for step in range(451):
        past = polyline.value_at(before, step / 1000)
        assert polyline.value_at(line, step / 1000) == pytest.approx(past, abs=2e-6)


def test_that_drawing_shows_before_it_is_told(editor: ScheduleEditor, qtbot: QtBot) -> None:
    before = editor.grab().toImage()
    qtbot.mousePress(editor, LEFT, pos=at(editor, 0.5, 1.0))
    qtbot.mouseMove(editor, at(editor, 0.5, 0.2))
    assert editor.value_at(0.5) == pytest.approx(0.4, abs=0.05)
    assert editor.grab().toImage() != before
    qtbot.mouseRelease(editor, LEFT, pos=at(editor, 0.5, 0.2))


# -- in the panel --------------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot: QtBot) -> ObjectivePanel:
    made = ObjectivePanel(CATALOGS)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show_config(with_value(RunConfig(), "objective.schedule", "polyline"))
    made.show_data(data_loaded(train=11_000))
    made.show()
    return made


def lower_the_end(panel: ObjectivePanel, qtbot: QtBot) -> None:
    panel.preview.setFocus()
    qtbot.keyClick(panel.preview, Qt.Key.Key_PageUp)
    qtbot.keyClick(panel.preview, Qt.Key.Key_Down)


def test_that_a_drawn_line_is_a_setting_and_can_be_undone(
    panel: ObjectivePanel, qtbot: QtBot
) -> None:
    first = panel.form.config
    desk = ConfigDesk(first)
    panel.knob_changed.connect(desk.turn)
    desk.config_changed.connect(panel.show_config)
    lower_the_end(panel, qtbot)
    assert desk.config.objective.schedule_points == "0:0, 0.1:1, 1:0.99"
    assert panel.form.editor("objective.schedule_points").value() == "0:0, 0.1:1, 1:0.99"
    desk.undo_stack.undo()
    assert desk.config == first
    assert panel.preview.line == polyline.parse(first.objective.schedule_points)
    desk.undo_stack.redo()
    assert panel.preview.line[-1] == (1.0, 0.99)


def test_that_a_wrong_line_in_the_form_is_refused_in_one_sentence(
    panel: ObjectivePanel, qtbot: QtBot
) -> None:
    desk = ConfigDesk(panel.form.config)
    panel.knob_changed.connect(desk.turn)
    desk.config_changed.connect(panel.show_config)
    field = panel.form.editor("objective.schedule_points").field
    with qtbot.waitSignal(desk.refused) as told:
        field.clear()  # type: ignore[attr-defined]
        qtbot.keyClicks(field, "0:0, x")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "'x' is none" in told.args[0]
    assert field.text() == "0:0, 0.1:1, 1:1"  # type: ignore[attr-defined]


def test_that_the_chosen_quantity_is_the_one_that_is_drawn(
    panel: ObjectivePanel, qtbot: QtBot
) -> None:
    panel.schedules.which.button("learning_rate").click()
    assert panel.preview.line == ()
    panel.show_config(with_value(panel.form.config, "train.lr_schedule", "polyline"))
    with qtbot.waitSignal(panel.knob_changed) as told:
        panel.preview.setFocus()
        qtbot.keyClick(panel.preview, Qt.Key.Key_PageDown)
        qtbot.keyClick(panel.preview, Qt.Key.Key_Down)
    assert told.args == ["train.lr_points", "0:0.99, 1:0"]


def test_that_capacity_is_offered_only_where_the_objective_uses_it(
    panel: ObjectivePanel, qtbot: QtBot
) -> None:
    paths = ("objective.capacity", "objective.capacity_schedule", "objective.capacity_warmup")
    button = panel.schedules.which.button("capacity")
    assert not button.isVisible()
    assert not any(panel.form.is_row_visible(path) for path in paths)
    panel.show_config(with_value(panel.form.config, "objective.objective", "capacity"))
    assert button.isVisible()
    assert all(panel.form.is_row_visible(path) for path in paths)
    button.click()
    assert panel.preview.read_out(0.4).endswith("C 12.5")
    panel.show_config(with_value(panel.form.config, "objective.objective", "beta-vae"))
    assert panel.schedules.which.value == "beta"


def test_that_what_the_objective_ignores_is_not_shown(panel: ObjectivePanel) -> None:
    offered = panel.schedules.which.button
    assert panel.form.is_row_visible("objective.beta")
    panel.show_config(with_value(panel.form.config, "objective.objective", "elbo"))
    assert not panel.form.is_row_visible("objective.beta")
    assert not panel.form.is_row_visible("objective.schedule")
    assert [n for n in QUANTITIES if offered(n).isVisible()] == ["learning_rate"]
    assert panel.status == ""
    panel.show_config(with_value(panel.form.config, "objective.temperature", 0.5))
    assert offered("temperature").isVisible()


def test_that_the_picture_of_a_run_keeps_what_was_trained(
    panel: ObjectivePanel, qtbot: QtBot
) -> None:
    panel.apply_phase(Phase.RUNNING)
    panel.show_run(run_started())  # 430 steps
    panel.show_progress(batches(214))
    panel.show_config(with_value(panel.form.config, "objective.beta", 3.0))
    panel.show_turned(KnobTurned(215, "objective.beta", 3.0))
    assert [panel.preview.value_at(step / 430) for step in (100, 214)] == [1.0, 1.0]
    assert [panel.preview.value_at(step / 430) for step in (215, 430)] == [3.0, 3.0]
    panel.show_progress(batches(300))
    assert [panel.preview.value_at(step / 430) for step in (214, 215, 290)] == [1.0, 3.0, 3.0]
    panel.apply_phase(Phase.DONE)
    assert panel.preview.value_at(100 / 430) == 3.0


def test_that_a_run_that_goes_on_shows_the_past_it_had_and_not_the_form(
    panel: ObjectivePanel,
) -> None:
    panel.apply_phase(Phase.RUNNING)
    began = with_value(RunConfig(), "objective.beta", 2.0)
    turned = (KnobTurned(100, "objective.beta", 5.0),)
    panel.show_run(replace(run_started(), step=200, config=began, turned=turned))
    assert [panel.preview.value_at(step / 430) for step in (50, 99, 100, 199)] == [2, 2, 5, 5]


def test_that_turning_another_knob_leaves_the_picture_alone(panel: ObjectivePanel) -> None:
    drawn = 0

    def redraw() -> None:
        nonlocal drawn
        drawn += 1

    panel.preview._redraw = redraw  # type: ignore[method-assign]
    panel.show_config(panel.form.config)
    panel.show_progress(batches(3))
    assert drawn == 0
    panel.show_config(with_value(panel.form.config, "objective.beta", 2.0))
    assert drawn == 1


def test_that_a_line_to_be_drawn_gets_the_room_for_it(editor: ScheduleEditor) -> None:
    drawn = editor.minimumSizeHint().height()
    editor.show_schedule(Schedule(2.0, "linear"), 1000)
    assert drawn > editor.minimumSizeHint().height() + 30
