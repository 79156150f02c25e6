"""A number that is not finite stops the run before it spreads, and the run says what it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.trained import bits_of, finished, meddle, spoilt

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import BatchesTrained, KnobTurned, RunFailed, RunFinished
from vae_studio.engine import session
from vae_studio.engine import step as step_module
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder

BAD = 5


def told_by(trainer: Trainer) -> list:
    return [event for event in trainer.run() if event is not None]


def weights_at(step: int, config, splits) -> bytes:
    trainer = Trainer(config, splits)
    events = trainer.run()
    while trainer.step < step:
        next(events)
    return bits_of(trainer)


def with_gradient(trainer: Trainer, gradient: float) -> None:
    """At step BAD the loss stays as it is and its gradient does not."""

    def change(terms, at):
        if at.step != BAD:
            return terms
        weight = trainer.vae.encoder[-1].weight
        free = weight.detach()[0, 0]
        loss = terms.loss + torch.where(weight[0, 0] == free, (weight[0, 0] - free) * gradient, 0)
        return type(terms)(loss, terms.distortion, terms.rate, terms.extra)

    meddle(trainer, change)


@pytest.mark.parametrize("gradient", [float("nan"), float("inf"), 1e30], ids=str)
def test_that_a_gradient_that_is_not_finite_is_not_applied(
    gradient: float, small_config, tiny_splits
) -> None:
    """1e30 is a number, but its square, which Adam adds up, is none."""
    trainer = Trainer(small_config(), tiny_splits)
    with_gradient(trainer, 1e30 if gradient == 1e30 else 1.0)
    if gradient != 1e30:
        weight = trainer.vae.encoder[-1].weight
        weight.register_hook(lambda g: g * gradient if trainer.step == BAD else g)
    last = told_by(trainer)[-1]
    assert isinstance(last, RunFailed)
    assert last.sentence.startswith("The gradient stopped being a finite number at step 5")
    assert bits_of(trainer) == weights_at(BAD, small_config(), tiny_splits)


def test_that_weights_would_be_lost_if_only_the_loss_were_checked(
    small_config, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_module, "squared_norm", lambda gradients: 0.0)
    trainer = Trainer(small_config(), tiny_splits)
    trainer.vae.encoder[-1].weight.register_hook(
        lambda g: g * float("nan") if trainer.step == BAD else g
    )
    told_by(trainer)
    assert trainer.vae.encoder[-1].weight.isnan().any()


@pytest.mark.parametrize("waits", [True, False], ids=["cpu", "accelerator"])
def test_that_the_report_says_which_term_and_where(waits: bool, small_config, tiny_splits) -> None:
    trainer = Trainer(small_config({"objective.beta": 2.0}), tiny_splits)
    trainer._stepper.waits = waits
    meddle(trainer, lambda terms, at: spoilt(terms) if at.step >= BAD else terms)
    *told, last = told_by(trainer)
    assert isinstance(last, RunFailed)
    assert last.sentence.startswith("The loss stopped being a finite number at step 5, so that")
    assert "half the learning rate (0.001)" in last.sentence
    assert "Step 5 of 12: a batch of 100 pictures, learning rate" in last.details
    assert "β 2" in last.details
    assert "Terms: loss nan, distortion" in last.details
    assert "rate nan" in last.details
    assert "encoder.1.weight" in last.details
    assert "Largest |log-variance| of the codes:" in last.details
    assert "Largest weight:" in last.details
    steps = [e.first_step + i for e in told if isinstance(e, BatchesTrained)
             for i in range(len(e.loss))]  # fmt: skip
    assert steps == list(range(BAD))
    assert bits_of(trainer) == weights_at(BAD, small_config({"objective.beta": 2.0}), tiny_splits)


def test_that_an_accelerator_that_slipped_once_goes_on(small_config, tiny_splits) -> None:
    """What cannot be found again when the step is repeated was no fault of the settings."""
    trainer = Trainer(small_config(), tiny_splits)
    trainer._stepper.waits = False
    slips = iter([True])
    meddle(
        trainer,
        lambda terms, at: spoilt(terms) if at.step == BAD and next(slips, False) else terms,
    )
    told = told_by(trainer)
    assert isinstance(told[-1], RunFinished)
    steps = [e.first_step + i for e in told if isinstance(e, BatchesTrained)
             for i in range(len(e.loss))]  # fmt: skip
    assert steps == list(range(12))
    assert bits_of(trainer) == finished(Trainer(small_config(), tiny_splits))


def failed_run(small_config, path) -> RunFailed:
    """A run with a checkpoint at step 4 that failed at step 6."""
    config = small_config({"train.epochs": 1, "train.batch_size": 1000})
    trainer = session.start_session(config, out=path)
    trainer._is_due = lambda: trainer.step == 4  # type: ignore[method-assign]
    meddle(trainer, lambda terms, at: spoilt(terms) if at.step == 6 else terms)
    return told_by(trainer)[-1]


def test_that_a_failed_run_goes_on_from_its_last_checkpoint_with_half_the_rate(
    small_config, tmp_path
) -> None:
    failed = failed_run(small_config, tmp_path / "run")
    assert (failed.half_rate, failed.folder) == (0.001, str(tmp_path / "run"))
    assert "Go on from the last good checkpoint with half" in failed.sentence
    folder = RunFolder.open(tmp_path / "run")
    assert folder.manifest.state == "failed"
    assert [entry["step"] for entry in folder.manifest.checkpoints] == [4]
    assert sum(len(line.get("loss", ())) for line in folder.read_metrics()) == 6
    resumed = session.resume_session(tmp_path / "run", learning_rate=failed.half_rate)
    assert resumed.step == 4
    assert KnobTurned(4, "train.learning_rate", 0.001) in told_by(resumed)
    folder.reload()
    assert folder.manifest.state == "done"
    assert folder.manifest.edits == [{"step": 4, "path": "train.learning_rate", "value": 0.001}]
    lines = [line for line in folder.read_metrics() if line["kind"] == "batches"]
    rates = [rate for line in lines for rate in line["learning_rate"]]
    whole = Trainer(resumed.config, resumed.splits)
    usual = [whole.live.learning_rate(step) for step in range(len(rates))]
    assert np.allclose(rates, [*usual[:4], *(rate / 2 for rate in usual[4:])])


def test_that_a_rate_that_is_none_leaves_the_run_free(small_config, tmp_path) -> None:
    failed_run(small_config, tmp_path / "run")
    with pytest.raises(StudioError, match=r"earning rate|--lr"):
        session.resume_session(tmp_path / "run", learning_rate=-1.0)
    assert not (tmp_path / "run" / "lock.json").exists()


@pytest.mark.parametrize("part", ["weights", "moments"])
def test_that_what_is_not_finite_never_becomes_a_checkpoint(
    part: str, small_config, tmp_path
) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 1000})
    trainer = session.start_session(config, out=tmp_path / "run")
    trainer._is_due = lambda: trainer.step in (2, 6)  # type: ignore[method-assign]
    last = None
    for event in trainer.run():
        last = event or last
        if trainer.step == 6:
            optimizer = trainer._stepper.optimizer
            spoil = optimizer.parameters if part == "weights" else optimizer.second
            spoil[0].data.view(-1)[0] = float("inf")
    assert isinstance(last, RunFailed)
    assert "encoder.1.weight" in last.sentence
    assert "so this state was not saved" in last.sentence
    folder = RunFolder.open(tmp_path / "run")
    assert [entry["step"] for entry in folder.manifest.checkpoints] == [2]
    assert all(np.isfinite(value).all() for value in folder.load_checkpoint().tensors.values())
