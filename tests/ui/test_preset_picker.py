"""The picker of presets."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.phase import Phase
from vae_studio.domain.presets import presets
from vae_studio.ui.widgets.preset_picker import OWN, PresetPicker

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def picker(qtbot: QtBot) -> PresetPicker:
    made = PresetPicker(tuple(presets().values()))
    qtbot.addWidget(made)
    return made


def test_that_the_picker_knows_a_preset_by_its_settings(picker: PresetPicker) -> None:
    chosen = presets()["mnist-30s"]
    picker.show_config(chosen.on_machine_of(RunConfig()))
    assert picker.field.currentText() == chosen.title
    picker.show_config(with_value(chosen.config, "train.epochs", 99))
    assert picker.field.currentText() == OWN


def test_that_choosing_a_preset_asks_for_it_by_name(qtbot: QtBot, picker: PresetPicker) -> None:
    index = picker.field.findData("mnist-map")
    with qtbot.waitSignal(picker.preset_chosen) as asked:
        picker.field.setCurrentIndex(index)
        picker.field.activated.emit(index)
    assert asked.args == ["mnist-map"]


def test_that_a_run_under_way_keeps_its_settings(picker: PresetPicker) -> None:
    picker.apply_phase(Phase.RUNNING)
    assert not picker.field.isEnabled()
    picker.apply_phase(Phase.DONE)
    assert picker.field.isEnabled()
