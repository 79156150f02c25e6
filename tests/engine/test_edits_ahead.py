"""Schedules in a run: edits of what lies ahead are events, and a resumed run replays them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from msgspec import structs
from support.trained import bits_of as bits

from vae_studio.domain.events import BatchesTrained, KnobTurned
from vae_studio.engine import session
from vae_studio.engine.objective import Setting, codes_of
from vae_studio.engine.trainer import Trainer
from vae_studio.engine.vae import Posterior
from vae_studio.runs.folder import RunFolder

DRAWN = {"objective.schedule": "polyline", "objective.beta": 4.0}
EDITS = {
    2: ("objective.schedule_points", "0:0, 0.3:0.8, 1:0.1"),
    4: ("train.lr_schedule", "sigmoid"),
    5: ("objective.temperature", 0.5),
    8: ("objective.schedule_points", "0:0, 0.3:0.8, 0.9:0"),
}


def train(trainer: Trainer, *, stop: int | None = None, edits: dict | None = None) -> list:
    """The events of a run in which each of the edits was made once."""
    told = []
    for event in trainer.run():
        told += [event] if event is not None else []
        edit = (EDITS if edits is None else edits).get(trainer.step)
        if edit and KnobTurned(trainer.step, *edit) not in trainer.live.turned:
            trainer.turn_knob(*edit)
        if trainer.step == stop:
            trainer.request_stop()
    return told


def column(told: list, name: str) -> list[float]:
    chunks = [event for event in told if isinstance(event, BatchesTrained)]
    return [value for chunk in chunks for value in getattr(chunk, name).tolist()]


def test_that_an_edit_ahead_is_an_event_of_the_run(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(DRAWN), tiny_splits)
    told = train(trainer)
    turned = [event for event in told if isinstance(event, KnobTurned)]
    assert turned == [KnobTurned(step, *edit) for step, edit in EDITS.items()]


def test_that_the_batches_carry_what_was_in_force(small_config, tiny_splits) -> None:
    untouched = Trainer(small_config(DRAWN), tiny_splits)
    trainer = Trainer(small_config(DRAWN), tiny_splits)
    told, plain = train(trainer), train(untouched, edits={})
    found = column(told, "beta")
    assert found == pytest.approx([trainer.live.beta(step) for step in range(12)], rel=1e-6)
    assert found[:2] == column(plain, "beta")[:2]
    assert found[2:] != column(plain, "beta")[2:]
    assert column(told, "learning_rate")[:4] == column(plain, "learning_rate")[:4]
    assert column(told, "learning_rate")[4:] != column(plain, "learning_rate")[4:]


@pytest.mark.parametrize("stop", [1, 3, 4, 7, 9])
def test_that_a_run_with_edits_resumes_to_the_same_bits(
    stop: int, small_config, tmp_path: Path
) -> None:
    config = small_config({**DRAWN, "train.epochs": 1, "train.batch_size": 1000})
    whole = session.start_session(config, out=tmp_path / "whole")
    train(whole)
    train(session.start_session(config, out=tmp_path / "broken"), stop=stop)
    resumed = session.resume_session(tmp_path / "broken")
    before = list(resumed.live.turned)
    assert resumed.step == stop
    told = train(resumed)
    assert (told[0].config, told[0].turned) == (whole.config, tuple(before))
    assert bits(resumed) == bits(whole)
    edits = [RunFolder.open(tmp_path / name).manifest.edits for name in ("whole", "broken")]
    assert edits[0] == edits[1]
    assert [edit["step"] for edit in edits[0]] == list(EDITS)


def test_that_a_run_resumed_without_its_edits_would_be_noticed(
    small_config, tmp_path: Path
) -> None:
    config = small_config({**DRAWN, "train.epochs": 1, "train.batch_size": 1000})
    whole = session.start_session(config, out=tmp_path / "whole")
    train(whole)
    train(session.start_session(config, out=tmp_path / "broken"), stop=9)
    resumed = session.resume_session(tmp_path / "broken")
    resumed.live.turned.clear()
    train(resumed, edits={})
    assert bits(resumed) != bits(whole)


def test_that_an_edit_amid_the_parts_of_a_batch_holds_from_the_next_batch_on(
    small_config, tiny_splits
) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    trainer.resolved = structs.replace(trainer.resolved, micro_batches=4)
    for _ in trainer.run():
        amid = trainer.step == 5 and trainer._under_way
        if amid and not trainer.live.turned:
            trainer.turn_knob("objective.beta", 3.0)
    assert trainer.live.turned == [KnobTurned(6, "objective.beta", 3.0)]
    turned = tuple(trainer.live.turned)
    resumed = Trainer(small_config(), tiny_splits, resolved=trainer.resolved, turned=turned)
    for _ in resumed.run():
        pass
    assert bits(resumed) == bits(trainer)


def test_that_an_edit_made_in_a_pause_that_ended_the_run_is_kept(
    small_config, tmp_path: Path
) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 1000})
    trainer = session.start_session(config, out=tmp_path / "run")
    events = trainer.run()
    while trainer.step < 4:
        next(events)
    trainer.turn_knob("objective.beta", 7.0)
    trainer.request_stop()
    assert KnobTurned(4, "objective.beta", 7.0) in list(events)
    resumed = session.resume_session(tmp_path / "run")
    assert resumed.live.beta(resumed.step) == 7.0


def test_that_capacity_and_noise_are_recorded_only_where_they_matter(
    small_config, tiny_splits
) -> None:
    def extras(changes: dict) -> set[str]:
        told = train(Trainer(small_config(changes), tiny_splits), edits={})
        chunks = [event for event in told if isinstance(event, BatchesTrained)]
        return {name for chunk in chunks for name in chunk.extra} & {"capacity", "temperature"}

    assert extras({}) == set()
    assert extras({"objective.temperature": 0.5}) == {"temperature"}
    assert extras({"objective.temperature_schedule": "linear"}) == {"temperature"}
    assert extras({"objective.objective": "capacity"}) == {"capacity"}


def test_that_the_recorded_capacity_is_the_schedule(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config({"objective.objective": "capacity"}), tiny_splits)
    told = train(trainer, edits={})
    chunks = [event for event in told if isinstance(event, BatchesTrained)]
    found = [value for chunk in chunks for value in chunk.extra["capacity"].tolist()]
    wanted = [25 * min(1.0, step / 12 / 0.8) for step in range(12)]
    assert found == pytest.approx(wanted, rel=1e-6)


def test_that_without_noise_a_code_is_the_mean_and_noise_scales_its_distance() -> None:
    posterior = Posterior(torch.randn(5, 3), torch.randn(5, 3))

    def codes(temperature: float) -> torch.Tensor:
        at = Setting(beta=1.0, temperature=temperature)
        return codes_of(posterior, at, torch.Generator().manual_seed(3))

    assert torch.equal(codes(0.0), posterior.mean_BD)
    away = codes(1.0) - posterior.mean_BD
    assert torch.allclose(codes(0.5) - posterior.mean_BD, 0.5 * away, atol=1e-6)
    assert not torch.equal(codes(1.0), posterior.mean_BD)


def test_that_training_without_noise_is_another_training(small_config, tiny_splits) -> None:
    trained = []
    for temperature in (1.0, 0.0):
        trainer = Trainer(small_config({"objective.temperature": temperature}), tiny_splits)
        train(trainer, edits={})
        trained.append(bits(trainer))
    assert trained[0] != trained[1]
