"""Settings have one owner and a way back."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.ui.config_desk import ConfigDesk


@pytest.fixture
def desk(qapp: QApplication) -> ConfigDesk:
    return ConfigDesk(RunConfig())


def test_that_turning_a_knob_tells_config_and_knob(desk: ConfigDesk, qtbot: QtBot) -> None:
    with qtbot.waitSignals([desk.config_changed, desk.knob_turned]):
        desk.turn("objective.beta", 4.0)
    assert desk.config.objective.beta == 4.0


def test_that_undo_and_redo_go_back_and_forth(desk: ConfigDesk, qtbot: QtBot) -> None:
    desk.turn("objective.beta", 4.0)
    desk.turn("train.epochs", 3)
    with qtbot.waitSignal(desk.knob_turned) as told:
        desk.undo_stack.undo()
    assert told.args == ["train.epochs", 10]
    desk.undo_stack.undo()
    assert desk.config == RunConfig()
    desk.undo_stack.redo()
    assert desk.config.objective.beta == 4.0
    assert desk.undo_stack.redoText() == "Epochs"


def test_that_a_value_out_of_range_is_refused_and_shown_again(
    desk: ConfigDesk, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([desk.refused, desk.config_changed]):
        desk.turn("objective.beta", -1.0)
    assert desk.config == RunConfig()
    assert not desk.undo_stack.canUndo()


def test_that_turning_to_the_same_value_leaves_no_step_back(desk: ConfigDesk) -> None:
    desk.turn("train.epochs", 10)
    assert not desk.undo_stack.canUndo()


def test_that_another_network_takes_the_options_of_the_old_one_along(desk: ConfigDesk) -> None:
    desk.turn("model.options.width", 64)
    desk.turn("model.net", "mlp")
    assert desk.config.model.options == {}
    desk.undo_stack.undo()
    assert (desk.config.model.net, desk.config.model.options) == ("residual-mlp", {"width": 64})


def test_that_a_reset_forgets_the_way_back(desk: ConfigDesk) -> None:
    desk.turn("train.epochs", 3)
    desk.reset(with_value(RunConfig(), "train.seed", 9))
    assert desk.config.train.seed == 9
    assert not desk.undo_stack.canUndo()
