"""Forms grow from the knobs."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from support.shell import CATALOGS

from vae_studio.domain.config import RunConfig, knobs, with_value
from vae_studio.domain.phase import Phase
from vae_studio.ui.widgets.knob_form import KnobForm
from vae_studio.ui.widgets.steady_inputs import ChoiceField, NumberField

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SECTIONS = ("model", "objective", "train")


def form_of(qtbot: QtBot, *sections: str) -> KnobForm:
    form = KnobForm(sections or SECTIONS, CATALOGS)
    qtbot.addWidget(form)
    return form


def number(form: KnobForm, path: str) -> NumberField:
    field = form.editor(path).field
    assert isinstance(field, NumberField)
    return field


def choice(form: KnobForm, path: str) -> ChoiceField:
    field = form.editor(path).field
    assert isinstance(field, ChoiceField)
    return field


def choose(form: KnobForm, path: str, value: str) -> None:
    field = choice(form, path)
    field.setCurrentIndex(field.findData(value))


def test_that_every_knob_of_the_sections_has_a_field(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    assert {k.path for k in knobs() if k.panel in SECTIONS} <= set(form.paths)


def test_that_fields_show_the_default_config(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    for knob in knobs():
        if knob.panel in SECTIONS:
            assert form.editor(knob.path).value() == knob.default, knob.path


def test_that_an_edit_is_told_with_its_path_and_type(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    with qtbot.waitSignal(form.knob_changed) as told:
        number(form, "train.epochs").setValue(25)
    assert told.args == ["train.epochs", 25]
    assert type(told.args[1]) is int
    with qtbot.waitSignal(form.knob_changed) as told:
        number(form, "objective.beta").setValue(4)
    assert told.args == ["objective.beta", 4.0]
    assert form.config.objective.beta == 4.0


def test_that_showing_a_config_tells_nobody(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    config = with_value(with_value(RunConfig(), "train.epochs", 3), "model.net", "mlp")
    with qtbot.assertNotEmitted(form.knob_changed):
        form.show_config(config)
    assert number(form, "train.epochs").value() == 3
    assert choice(form, "model.net").currentData() == "mlp"


def test_that_options_of_the_chosen_card_come_and_go(qtbot: QtBot) -> None:
    form = form_of(qtbot, "model")
    assert "model.options.blocks" in form.paths
    choose(form, "model.net", "mlp")
    assert "model.options.blocks" not in form.paths
    assert {"model.options.width", "model.options.depth"} <= set(form.paths)
    with qtbot.waitSignal(form.knob_changed) as told:
        number(form, "model.options.depth").setValue(3)
    assert told.args == ["model.options.depth", 3]
    assert form.config.model.options == {"depth": 3}


def test_that_another_card_starts_with_its_own_options(qtbot: QtBot) -> None:
    form = form_of(qtbot, "model")
    number(form, "model.options.width").setValue(64)
    with qtbot.waitSignal(form.knob_changed) as told:
        choose(form, "model.net", "mlp")
    assert told.args == ["model.net", "mlp"]
    assert form.config.model.options == {}


def test_that_only_live_knobs_can_be_turned_while_a_run_is_under_way(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    form.apply_phase(Phase.RUNNING)
    for knob in knobs():
        if knob.panel in SECTIONS:
            field = form.editor(knob.path).field
            assert field.isEnabled() == knob.live, knob.path
            assert ("Decided when a run starts." in field.toolTip()) != knob.live
    form.apply_phase(Phase.DONE)
    assert all(form.editor(path).field.isEnabled() for path in form.paths)


def test_that_every_field_has_a_name_a_tooltip_and_its_unit(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    for path in form.paths:
        editor = form.editor(path)
        assert editor.field.accessibleName() == editor.knob.label
        assert editor.knob.help.split("'")[0][:30] in editor.field.toolTip()
        if editor.knob.unit:
            assert number(form, path).text().endswith(editor.knob.unit)


def test_that_ranges_are_those_of_the_knobs(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    field = number(form, "model.latent_dim")
    assert (field.minimum(), field.maximum()) == (1, 512)
    field.setValue(10_000)
    assert field.value() == 512


def test_that_rare_knobs_wait_behind_more(qtbot: QtBot) -> None:
    form = form_of(qtbot, "train")
    form.show()
    precision = form.editor("train.precision").field
    assert not precision.isVisible()
    form.more.button.click()
    assert precision.isVisible()


def test_that_devices_the_machine_lacks_are_greyed_with_a_reason(qtbot: QtBot) -> None:
    form = form_of(qtbot, "train")
    form.editor("train.device").allow_choices({"auto", "cpu"}, "Not on this machine.")
    field = choice(form, "train.device")
    model = field.model()
    states = {
        field.itemData(row): model.item(row).isEnabled()  # type: ignore[attr-defined]
        for row in range(field.count())
    }
    assert states == {"auto": True, "cuda": False, "mps": False, "cpu": True}


def test_that_a_name_from_elsewhere_is_shown_not_replaced(qtbot: QtBot) -> None:
    form = form_of(qtbot, "objective")
    config = with_value(RunConfig(), "objective.objective", "tc-vae")
    with qtbot.assertNotEmitted(form.knob_changed):
        form.show_config(config)
    assert choice(form, "objective.objective").currentData() == "tc-vae"


@pytest.mark.parametrize("path", ["objective.beta", "train.learning_rate"])
def test_that_values_over_decades_step_by_decades(qtbot: QtBot, path: str) -> None:
    form = form_of(qtbot)
    field = number(form, path)
    before = field.value()
    field.stepBy(7)
    assert field.value() == pytest.approx(10 * before)
