"""What β comes to stands under its knob, and moves with the settings, never with the batches."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from support.shell import CATALOGS, batches, data_loaded, run_started

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.ui.panels.objective import ObjectivePanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def panel(qtbot: QtBot) -> ObjectivePanel:
    panel = ObjectivePanel(CATALOGS)
    qtbot.addWidget(panel)
    return panel


def test_that_the_line_follows_settings_of_other_panels(panel: ObjectivePanel) -> None:
    assert panel.effective.full_text == "Your loss equals β = 1: a true ELBO."
    panel.show_config(with_value(RunConfig(), "model.likelihood", "gaussian"))
    assert panel.effective.full_text == "Your loss equals β = 0.01 at unit variance."


def test_that_the_line_follows_the_knob_under_which_it_stands(panel: ObjectivePanel) -> None:
    panel.form.editor("objective.beta").edited.emit(4.0)
    assert panel.effective.full_text.startswith("Your loss equals β = 4")


def test_that_the_reason_counts_the_values_of_the_pictures_in_memory(
    panel: ObjectivePanel,
) -> None:
    panel.resize(900, 400)
    panel.show()
    panel.show_data(data_loaded(shape=(3, 64, 64)))
    assert "12,288 values" in panel.effective.toolTip()


def test_that_a_line_without_room_is_told_by_its_tooltip(panel: ObjectivePanel) -> None:
    panel.show()
    panel.resize(160, 400)
    assert panel.effective.text().endswith("…")
    assert panel.effective.full_text in panel.effective.toolTip()
    assert "Higgins" in panel.effective.toolTip()


def test_that_batches_leave_the_line_alone(
    panel: ObjectivePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.show_run(run_started())
    told: list[str] = []
    monkeypatch.setattr(panel.effective, "set_full_text", told.append)
    for step in range(5):
        panel.show_progress(batches(step))
    assert told == []
    panel.show_config(RunConfig())
    assert told
