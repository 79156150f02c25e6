"""The loop: what it tells, what it writes, and that nobody who looks on changes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.trained import meddle, spoilt

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import (
    BatchesTrained,
    EpochEnded,
    KnobTurned,
    RunFailed,
    RunFinished,
    RunStarted,
    UnitsMeasured,
    Validated,
)
from vae_studio.engine import session
from vae_studio.engine.objective import Setting
from vae_studio.engine.probe import Probe
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder


def _weights(trainer: Trainer) -> bytes:
    state = trainer.vae.state_dict()
    return b"".join(value.numpy().tobytes() for value in state.values())


def _told(trainer: Trainer) -> list:
    return [event for event in trainer.run() if event is not None]


def test_that_every_batch_is_told_once_and_in_order(small_config, tiny_splits) -> None:
    told = _told(Trainer(small_config(), tiny_splits))
    chunks = [event for event in told if isinstance(event, BatchesTrained)]
    steps = [chunk.first_step + i for chunk in chunks for i in range(len(chunk.loss))]
    assert steps == list(range(12))
    assert isinstance(told[0], RunStarted)
    assert isinstance(told[-1], RunFinished)
    assert [e.epoch for e in told if isinstance(e, EpochEnded)] == [1, 2, 3]


def test_that_the_loss_is_distortion_plus_beta_times_rate(small_config, tiny_splits) -> None:
    told = _told(Trainer(small_config({"objective.beta": 4.0}), tiny_splits))
    for chunk in (event for event in told if isinstance(event, BatchesTrained)):
        assert np.allclose(chunk.loss, chunk.distortion + 4.0 * chunk.rate, rtol=1e-5)


def test_that_the_units_kl_adds_up_to_the_rate(small_config, tiny_splits) -> None:
    told = _told(Trainer(small_config(), tiny_splits))
    point = [event for event in told if isinstance(event, Validated)][-1]
    units = [event for event in told if isinstance(event, UnitsMeasured)][-1]
    assert units.kl_D.sum() == pytest.approx(point.rate, rel=1e-5)
    assert point.images == units.images == 64


def test_that_the_summary_is_over_whole_splits_and_says_its_convention(
    small_config, tiny_splits
) -> None:
    summary = _told(Trainer(small_config(), tiny_splits))[-1].summary
    test = summary["test"]
    assert test["images"] == 128
    assert test["nelbo"] == pytest.approx(test["distortion"] + test["rate"], abs=1e-3)
    assert test["convention"] == "grey-BCE · 28×28 · β = 1 · nats per image"
    assert (summary["epochs"], summary["steps"], summary["seed"]) == (3, 12, 0)
    assert {"seconds", "images_per_second", "parameters", "device", "precision"} <= set(summary)


def test_that_training_lowers_the_loss(small_config, tiny_splits) -> None:
    told = _told(Trainer(small_config({"train.epochs": 30}), tiny_splits))
    points = [event.nelbo for event in told if isinstance(event, Validated)]
    assert points[-1] < points[0] - 20


def test_that_the_same_seed_gives_the_same_bits_and_another_seed_does_not(
    small_config, tiny_splits
) -> None:
    def trained(seed: int) -> bytes:
        trainer = Trainer(small_config({"train.seed": seed}), tiny_splits)
        _told(trainer)
        return _weights(trainer)

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_that_looking_on_changes_nothing(small_config, tiny_splits) -> None:
    alone, watched = (Trainer(small_config(), tiny_splits) for _ in range(2))
    _told(alone)
    probe = Probe(watched.vae)
    for _ in watched.run():
        probe.sample(3, seed=5)
        probe.reconstruct(tiny_splits.test.images_NCHW[:2])
        torch.randn(1)  # somebody else's draw from the global generator
    assert _weights(alone) == _weights(watched)
    assert watched.vae.training


def test_that_a_turned_knob_holds_from_the_next_batch_on(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    told = []
    for event in trainer.run():
        told += [event] if event else []
        if trainer.step == 5 and not trainer.live.turned:
            trainer.turn_knob("objective.beta", 2.5)
    betas = np.concatenate([e.beta for e in told if isinstance(e, BatchesTrained)])
    assert betas.tolist() == [1.0] * 5 + [2.5] * 7
    assert [e for e in told if isinstance(e, KnobTurned)] == [KnobTurned(5, "objective.beta", 2.5)]


def test_that_a_fixed_setting_cannot_be_turned_while_training(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    with pytest.raises(StudioError, match="decided when a run starts"):
        trainer.turn_knob("model.latent_dim", 8)
    with pytest.raises(StudioError, match="at most"):
        trainer.turn_knob("objective.beta", 1e9)


def test_that_warm_up_charges_nothing_at_first_and_validation_stays_at_beta_one(
    small_config, tiny_splits
) -> None:
    config = small_config({"objective.schedule": "linear", "objective.warmup": 0.5})
    told = _told(Trainer(config, tiny_splits))
    betas = np.concatenate([e.beta for e in told if isinstance(e, BatchesTrained)])
    assert np.allclose(betas, [*np.linspace(0, 1, 7)[:6], *[1.0] * 6])
    point = next(event for event in told if isinstance(event, Validated))
    assert point.nelbo == point.distortion + point.rate
    assert point.convention.beta == 1.0


def test_that_stopping_ends_after_the_batch_under_way(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config({"train.epochs": 1000}), tiny_splits)
    for event in trainer.run():
        if trainer.step == 7:
            trainer.request_stop()
        last = event
    assert isinstance(last, RunFinished)
    assert last.stopped
    assert last.step == 7


def test_that_a_loss_that_is_no_number_stops_before_the_step_is_applied(
    small_config, tiny_splits
) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    events = trainer.run()
    while trainer.step < 4:
        next(events)
    before = _weights(trainer)
    meddle(trainer, lambda terms, at: spoilt(terms))
    last = [event for event in events if event is not None][-1]
    assert isinstance(last, RunFailed)
    assert "step 4" in last.sentence
    assert "half the learning rate" in last.sentence
    assert _weights(trainer) == before


def test_that_an_accelerator_skips_a_bad_step_and_all_behind_it(small_config, tiny_splits) -> None:
    """On CUDA and MPS nothing waits for the loss: the fused kernel itself must refuse the step."""
    trainer = Trainer(small_config(), tiny_splits)
    stepper = trainer._stepper
    stepper.waits = False  # takes the accelerator's way, on the CPU's tensors
    batch = trainer.batches.batch(0)
    before = _weights(trainer)
    meddle(trainer, lambda terms, at: spoilt(terms) if at.step == 1 else terms)
    for step in (1, 2, 3):
        list(stepper.run(batch, Setting(beta=1.0, step=step), 1e-3))
        assert _weights(trainer) == before
    assert stepper.take_skipped() == 3


def test_that_any_error_in_the_loop_becomes_one_sentence(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(), tiny_splits)

    def broken(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    meddle(trainer, broken)
    last = _told(trainer)[-1]
    assert isinstance(last, RunFailed)
    assert last.sentence.count("\n") == 0
    assert "Traceback" in last.details


def test_that_micro_batches_give_the_same_gradient(small_config, tiny_splits) -> None:
    """The noise is drawn per micro-batch, so the deterministic part is compared: σ made tiny."""
    whole, parts = (Trainer(small_config(), tiny_splits) for _ in range(2))
    parts._stepper.micro_batches = 4
    grads = []
    for trainer in (whole, parts):
        stepper = trainer._stepper
        head = trainer.vae.encoder[-1]
        head.weight.data[4:] = 0.0
        head.bias.data[4:] = -1e6  # log-variance at its floor, e^-8: noise hardly matters
        told = list(stepper.run(trainer.batches.batch(0), Setting(beta=1.0), 0.0))
        grads.append(torch.cat([p.grad.flatten() for p in trainer.vae.decoder.parameters()]))
    assert told[:-1] == [None] * 3
    assert torch.nn.functional.cosine_similarity(*grads, dim=0) > 0.999
    assert grads[0].norm().item() == pytest.approx(grads[1].norm().item(), rel=0.01)


def test_that_parts_are_counted_and_never_timed(small_config, tiny_splits, monkeypatch) -> None:
    """Timing would let a busy machine change the bits of a run."""
    import time

    from vae_studio.engine.cost import micro_batches
    from vae_studio.engine.layers import layers_of

    trainer = Trainer(small_config(), tiny_splits)
    by_hand = 784 * 24 + 24 * 8 + 4 * 24 + 24 * 784
    assert layers_of(trainer.vae).flops == 2 * by_hand
    assert micro_batches(trainer.vae, 10) == 1
    assert micro_batches(trainer.vae, 1_000_000) == -(-6 * by_hand * 1_000_000 // int(5e9))
    clock = iter(range(10**9))
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))  # an endlessly slow day
    assert Trainer(small_config(), tiny_splits).resolved == trainer.resolved


def test_that_a_run_keeps_hashes_caveat_and_patient_data_of_its_pictures(
    small_config, tiny_splits, tmp_path
) -> None:
    splits = replace(tiny_splits, caveat="not the official file", patient_data=True)
    trainer = session.start_run(small_config(), splits, out=tmp_path / "run")
    for _ in trainer.run():
        pass
    resolved = RunFolder.open(tmp_path / "run").manifest.resolved
    assert set(resolved["parts"]) == {"train", "validation", "test"}
    assert resolved["patient_data"] is True
    assert str(session.open_model(tmp_path / "run").convention).endswith("not the official file")
