"""Runs stopped and resumed: knobs, run folders, ends. test_resume_matrix.py has the many kinds."""

from __future__ import annotations

import numpy as np
import pytest
from support.trained import arrays_of, bits_of, finished

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import RunFinished
from vae_studio.engine import session
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import Checkpoint, RunFolder


def _stopped_at(step: int, config, splits) -> Trainer:
    trainer = Trainer(config, splits)
    events = trainer.run()
    while trainer.step < step:
        next(events)
    return trainer


def _checkpoint(trainer: Trainer) -> Checkpoint:
    arrays = arrays_of(trainer)
    return Checkpoint(step=trainer.step, name="", tensors=arrays, scalars={"seconds": 0.0})


def _resumed(config, splits, checkpoint: Checkpoint, before: Trainer) -> Trainer:
    turned = tuple(before.live.turned)
    return Trainer(config, splits, resolved=before.resolved, resume=checkpoint, turned=turned)


@pytest.mark.parametrize("wrong", ["step", "seed"])
def test_that_resuming_with_a_wrong_counter_would_be_noticed(
    wrong: str, small_config, tiny_splits
) -> None:
    config = small_config()
    whole = finished(Trainer(config, tiny_splits))
    before = _stopped_at(5, config, tiny_splits)
    checkpoint = _checkpoint(before)
    if wrong == "step":
        off = Checkpoint(step=4, name="", tensors=checkpoint.tensors, scalars=checkpoint.scalars)
        assert finished(_resumed(config, tiny_splits, off, before)) != whole
    else:
        other = small_config({"train.seed": 1})
        assert finished(_resumed(other, tiny_splits, checkpoint, before)) != whole


def test_that_a_knob_turned_before_the_stop_still_holds_after_it(small_config, tiny_splits) -> None:
    config = small_config()

    def run(trainer: Trainer, until: int | None) -> Trainer:
        for _ in trainer.run():
            if trainer.step == 3 and not trainer.live.turned:
                trainer.turn_knob("objective.beta", 3.0)
            if trainer.step == until:
                break
        return trainer

    whole = bits_of(run(Trainer(config, tiny_splits), None))
    before = run(Trainer(config, tiny_splits), 6)
    after = _resumed(config, tiny_splits, _checkpoint(before), before)
    assert finished(after) == whole
    forgetful = Trainer(
        config, tiny_splits, resolved=before.resolved, resume=_checkpoint(before)
    )  # fmt: skip
    assert finished(forgetful) != whole


def test_that_a_run_folder_resumes_to_the_samebits_of(small_config, tmp_path) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 1000})
    whole = session.start_session(config, out=tmp_path / "whole")
    finished(whole)
    broken = session.start_session(config, out=tmp_path / "broken")
    events = broken.run()
    while broken.step < 4:
        next(events)
    broken.request_stop()
    assert [event for event in events if event is not None][-1].stopped
    resumed = session.resume_session(tmp_path / "broken")
    assert resumed.step == 4
    assert finished(resumed) == bits_of(whole)
    folder = RunFolder.open(tmp_path / "broken")
    assert folder.manifest.state == "done"
    lines = [line for line in folder.read_metrics() if line["kind"] == "batches"]
    steps = [line["step"] + i for line in lines for i in range(len(line["loss"]))]
    assert steps == list(range(resumed.total_steps))
    first = RunFolder.open(tmp_path / "whole")
    assert _losses(first) == _losses(folder)


def _losses(folder: RunFolder) -> list[float]:
    lines = [line for line in folder.read_metrics() if line["kind"] == "batches"]
    return [value for line in lines for value in line["loss"]]


def test_that_a_finished_run_has_nothing_to_resume(small_config, tmp_path) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 4000})
    finished(session.start_session(config, out=tmp_path / "run"))
    with pytest.raises(StudioError, match="nothing to resume"):
        session.resume_session(tmp_path / "run")


def test_that_an_opened_model_is_the_one_that_was_trained(small_config, tmp_path) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 4000})
    trainer = session.start_session(config, out=tmp_path / "run")
    last = [event for event in trainer.run() if event is not None][-1]
    assert isinstance(last, RunFinished)
    model = session.open_model(tmp_path / "run")
    codes = np.zeros((1, 4), np.float32)
    from vae_studio.engine.probe import Probe

    assert np.array_equal(model.probe.decode(codes), Probe(trainer.vae).decode(codes))
    assert model.step == trainer.step
    assert str(model.convention) == last.summary["test"]["convention"]
