"""One table of actions: menus, shortcuts, reasons."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_studio.domain.phase import GRANTED, Phase
from vae_studio.ui.actions import ACTIONS, Actions, ActionSpec, shortcuts

EVERYTHING = ("engine", "data", "model")


@pytest.fixture
def actions(qapp: QApplication) -> Actions:
    return Actions()


def test_that_no_two_actions_share_a_shortcut() -> None:
    assert len(shortcuts()) == sum(bool(spec.shortcut) for spec in ACTIONS)
    for keys in shortcuts():
        assert not QKeySequence(keys).isEmpty()


def test_that_a_shared_shortcut_would_be_found() -> None:
    twice = [ActionSpec(n, n, n, "File", shortcut="Ctrl+X") for n in ("one", "other")]
    with pytest.raises(ValueError, match="'one' and 'other' share Ctrl"):
        shortcuts(twice)


def test_that_every_wish_of_the_phase_table_has_an_action() -> None:
    wishes = set().union(*GRANTED.values())
    assert {spec.wish for spec in ACTIONS if spec.wish} == wishes


@pytest.mark.parametrize("phase", list(Phase))
def test_that_a_phase_enables_exactly_what_it_grants(actions: Actions, phase: Phase) -> None:
    for need in EVERYTHING:
        actions.set_there(need, True)
    actions.apply_phase(phase)
    for spec in ACTIONS:
        if spec.wish:
            assert actions[spec.name].isEnabled() == (spec.wish in GRANTED[phase]), spec.name


def test_that_a_grey_action_says_why(actions: Actions) -> None:
    assert "The engine is still starting." in actions["train"].toolTip()
    assert "There is no model yet" in actions["export_grid"].toolTip()
    actions.set_there("engine", True)
    assert "Choose pictures first." in actions["train"].toolTip()
    actions.set_there("data", True)
    assert actions["train"].isEnabled()
    actions.apply_phase(Phase.RUNNING)
    assert "A run is under way." in actions["train"].toolTip()


def test_that_every_tooltip_names_action_shortcut_and_deed(actions: Actions) -> None:
    for spec in ACTIONS:
        text = actions[spec.name].toolTip()
        assert spec.tooltip in text
        assert spec.text.rstrip("…") in text
        if spec.shortcut:
            native = QKeySequence.SequenceFormat.NativeText
            assert QKeySequence(spec.shortcut).toString(native) in text


def test_that_triggering_tells_the_name(actions: Actions, qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.triggered) as told:
        actions["about"].trigger()
    assert told.args == ["about"]


def test_that_themes_exclude_one_another(actions: Actions) -> None:
    actions["theme_dark"].trigger()
    actions["theme_light"].trigger()
    assert not actions["theme_dark"].isChecked()
