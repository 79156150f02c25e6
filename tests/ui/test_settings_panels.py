"""Model, objective and train panels."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from support.shell import CATALOGS, batches, data_loaded, run_started

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.layers import Layer, LayersDescribed, LayersWanted, LayerTable
from vae_studio.domain.phase import GRANTED, Phase
from vae_studio.domain.reports import EngineReady
from vae_studio.ui.numbers import short_count
from vae_studio.ui.panels.model import ModelPanel
from vae_studio.ui.panels.objective import ObjectivePanel, meaning_of_beta
from vae_studio.ui.panels.train import TrainPanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def objective(qtbot: QtBot) -> ObjectivePanel:
    panel = ObjectivePanel(CATALOGS)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def train(qtbot: QtBot) -> TrainPanel:
    panel = TrainPanel(CATALOGS)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_that_the_model_panel_says_how_large_the_model_is(qtbot: QtBot) -> None:
    panel = ModelPanel(CATALOGS)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.status_changed) as told:
        panel.show_run(run_started())
    assert told.args == ["1.35 M parameters"]
    panel.show_config(with_value(RunConfig(), "model.latent_dim", 20))
    assert panel.status == ""


def test_that_the_layers_are_asked_for_once_the_settings_rest(qtbot: QtBot) -> None:
    panel = ModelPanel(CATALOGS)
    qtbot.addWidget(panel)
    panel.show_data(data_loaded())
    with qtbot.waitSignal(panel.layers_wanted) as asked:
        for units in (2, 3, 4):
            panel.show_config(with_value(RunConfig(), "model.latent_dim", units))
    wanted = asked.args[0]
    assert wanted.model.latent_dim == 4
    assert wanted.shape == data_loaded().shape
    layers = (Layer("encoder", "dense 784 → 8", (8,), 6280, 6272),)
    panel.show_layers(LayersDescribed(wanted, LayerTable(layers, 6280)))
    assert panel.disclosure.button.text() == "1 layer, 12.5 k FLOP"
    assert panel.layers.topLevelItem(0).child(0).text(0) == "dense 784 → 8"
    stale = LayersWanted(wanted.model, (1, 8, 8), 0)
    panel.show_layers(LayersDescribed(stale, LayerTable((), 1)))
    assert "6.28 k weights" in panel.disclosure.button.toolTip()


@pytest.mark.parametrize(
    ("count", "text"), [(950, "950"), (335_000, "335 k"), (1_352_000, "1.35 M")]
)
def test_that_large_counts_are_short(count: int, text: str) -> None:
    assert short_count(count) == text


@pytest.mark.parametrize(
    ("beta", "meaning"),
    [
        (1.0, "β = 1: the ELBO"),
        (0.0, "β = 0: an autoencoder"),
        (4.0, "β = 4: a nat costs 4"),
    ],
)
def test_that_beta_is_said_in_words(beta: float, meaning: str) -> None:
    assert meaning_of_beta(beta) == meaning


@pytest.mark.parametrize(
    ("schedule", "rows"),
    [
        ("constant", set()),
        ("linear", {"objective.warmup"}),
        ("cosine", {"objective.warmup"}),
        ("cyclical", {"objective.cycles", "objective.ramp"}),
    ],
)
def test_that_only_knobs_that_shape_this_schedule_are_shown(
    objective: ObjectivePanel, schedule: str, rows: set[str]
) -> None:
    objective.show_config(with_value(RunConfig(), "objective.schedule", schedule))
    shaping = ("objective.warmup", "objective.cycles", "objective.ramp")
    assert {path for path in shaping if objective.form.is_row_visible(path)} == rows


def test_that_the_preview_knows_the_steps_of_the_coming_run(objective: ObjectivePanel) -> None:
    objective.show_data(data_loaded(train=1_000))
    objective.show_config(with_value(RunConfig(), "train.batch_size", 300))
    assert objective.preview.read_out(1.0).startswith("step 40 ")


def test_that_the_preview_shows_the_run_while_it_goes(objective: ObjectivePanel) -> None:
    objective.apply_phase(Phase.RUNNING)
    objective.show_run(run_started())
    assert objective.preview.read_out(1.0).startswith("step 430 ")
    objective.show_progress(batches(214))
    assert objective.preview._now == 215
    objective.apply_phase(Phase.DONE)
    assert objective.preview._now is None


def test_that_beta_can_be_turned_while_training(objective: ObjectivePanel, qtbot: QtBot) -> None:
    objective.apply_phase(Phase.RUNNING)
    field = objective.form.editor("objective.beta").field
    assert field.isEnabled()
    assert not objective.form.editor("objective.objective").field.isEnabled()
    with qtbot.waitSignals([objective.knob_changed, objective.status_changed]):
        field.setValue(4.0)  # type: ignore[attr-defined]
    assert objective.status == "β = 4: a nat costs 4"


def test_that_training_waits_for_engine_and_pictures(train: TrainPanel) -> None:
    assert not train._buttons["train"].isEnabled()
    train.show_data(data_loaded())
    assert not train._buttons["train"].isEnabled()
    train.show_engine(EngineReady(("cpu",), {}))
    assert train._buttons["train"].isEnabled()


@pytest.mark.parametrize("phase", list(Phase))
def test_that_buttons_offer_what_the_phase_grants(train: TrainPanel, phase: Phase) -> None:
    train.show_data(data_loaded())
    train.show_engine(EngineReady(("cpu",), {}))
    train.apply_phase(phase)
    enabled = {wish for wish, button in train._buttons.items() if button.isEnabled()}
    assert enabled == GRANTED[phase]
    shown = [w for w in ("train", "pause", "resume") if train._buttons[w].isVisible()]
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("phase", "wish", "signal"),
    [
        (Phase.IDLE, "train", "run_requested"),
        (Phase.RUNNING, "pause", "pause_requested"),
        (Phase.PAUSED, "resume", "resume_requested"),
        (Phase.RUNNING, "stop", "stop_requested"),
        (Phase.PAUSED, "one_batch", "one_batch_requested"),
    ],
)
def test_that_a_click_is_a_wish(
    train: TrainPanel, qtbot: QtBot, phase: Phase, wish: str, signal: str
) -> None:
    train.show_data(data_loaded())
    train.show_engine(EngineReady(("cpu",), {}))
    train.apply_phase(phase)
    with qtbot.waitSignal(getattr(train, signal)):
        train._buttons[wish].click()


def test_that_the_train_panel_says_steps_then_time_left(train: TrainPanel) -> None:
    train.show_data(data_loaded())
    assert train.status == "430 steps"
    train.apply_phase(Phase.RUNNING)
    train.show_run(run_started())
    train.show_progress(batches(130))
    assert train.status == "4 s left"
    assert train._gauge.value() == 0  # words and gauge come with the next frame
    train.paint_frame()
    assert train._gauge.value() == round(1000 * 131 / 430)


def test_that_the_weight_of_a_term_on_top_shows_once_there_is_one(
    objective: ObjectivePanel,
) -> None:
    assert not objective.form.is_row_visible("objective.auxiliary_weight")
    objective.show_config(with_value(RunConfig(), "objective.auxiliary", "focal-frequency"))
    assert objective.form.is_row_visible("objective.auxiliary_weight")
    focus = objective.form.editor("objective.auxiliary_options.alpha").field
    weight = objective.form.editor("objective.auxiliary_weight").field
    objective.form.more.button.click()
    objective.show()
    assert focus.mapTo(objective, focus.pos()).y() > weight.mapTo(objective, weight.pos()).y()
