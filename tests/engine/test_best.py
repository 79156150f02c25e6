"""The best checkpoint: lowest held-out NELBO at a settled objective, kept beside the last three."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.trained import arrays_of, bits_of, finished

from vae_studio.domain.events import CheckpointSaved, Validated
from vae_studio.engine import session
from vae_studio.engine.saver import Saver
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder

pytestmark = pytest.mark.usefixtures("quick_syncs")


def run_with(path: Path, config, splits, nelbos: list[float], saved_at: tuple[int, ...] = ()):
    """A finished run whose validations came out like this, and what it told."""
    trainer = session.start_run(config, splits, out=path)
    trainer._is_due = lambda: trainer.step in saved_at  # type: ignore[method-assign]
    found, answers = trainer._saver.consider, iter(nelbos)
    trainer._saver.consider = lambda _nelbo, *rest: found(next(answers), *rest)  # type: ignore
    return trainer, [event for event in trainer.run() if event is not None]


def entries(path: Path) -> list[tuple[int, str]]:
    return [(e["step"], e["kind"]) for e in RunFolder.open(path).manifest.checkpoints]


def test_that_the_best_is_kept_beside_the_last(small_config, tiny_splits, tmp_path) -> None:
    config = small_config({"train.epochs": 5})  # 4 steps each
    path = tmp_path / "run"
    trainer, told = run_with(path, config, tiny_splits, [9.0, 5.0, 8.0, 7.0, 6.0])
    assert entries(path) == [(8, "best"), (20, "periodic")]
    saved = [event for event in told if isinstance(event, CheckpointSaved)]
    assert [(event.step, event.kind) for event in saved] == [(8, "best"), (20, "periodic")]
    folder = RunFolder.open(path)
    best = folder.load_checkpoint("best")
    assert best.name == "00000008"
    held = Trainer(config, tiny_splits)
    events = held.run()
    while held.step < 8:
        next(events)
    assert b"".join(best.tensors[n].tobytes() for n in sorted(best.tensors)) == bits_of(held)
    assert best.scalars["best"] == folder.load_checkpoint().scalars["best"] == 5.0
    assert set(best.tensors) == set(arrays_of(trainer))


def test_that_the_last_step_may_be_the_best_and_is_written_once(
    small_config, tiny_splits, tmp_path
) -> None:
    run_with(tmp_path / "run", small_config(), tiny_splits, [9.0, 8.0, 7.0])
    assert entries(tmp_path / "run") == [(12, "best")]


def test_that_three_last_and_one_best_are_kept(small_config, tiny_splits, tmp_path) -> None:
    config, path = small_config({"train.epochs": 5}), tmp_path / "run"
    saved_at = tuple(range(5, 20, 2))
    run_with(path, config, tiny_splits, [5.0, 9.0, 9.0, 9.0, 9.0], saved_at)
    assert entries(path) == [(4, "best"), (17, "periodic"), (19, "periodic"), (20, "periodic")]


@pytest.mark.parametrize("schedule", ["linear", "cyclical"])
def test_that_nothing_is_the_best_while_beta_is_on_its_way(
    schedule: str, small_config, tiny_splits, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    considered: list[int] = []
    monkeypatch.setattr(Saver, "consider", lambda _, nelbo, step, *rest: considered.append(step))
    changes = {"objective.schedule": schedule, "objective.warmup": 0.5, "objective.cycles": 2}
    trainer = Trainer(small_config({"train.epochs": 8, **changes}), tiny_splits)
    told = [event for event in trainer.run() if isinstance(event, Validated)]
    target = trainer.config.objective.beta
    settled = [e.step for e in told if trainer.live.beta(e.step - 1) == target]
    assert considered == settled
    assert len(told) == 8
    assert 0 < len(settled) < 8


def test_that_a_resumed_run_remembers_what_was_best(small_config, tiny_splits, tmp_path) -> None:
    config = small_config({"train.epochs": 4})
    finished(session.start_run(config, tiny_splits, out=tmp_path / "whole"))
    broken = session.start_run(config, tiny_splits, out=tmp_path / "broken")
    for _ in broken.run():
        if broken.step == 9:
            broken.request_stop()
    resumed = session.resume_run(tmp_path / "broken", lambda config: tiny_splits)
    assert resumed._saver.best == broken._saver.best
    finished(resumed)
    scalars = [RunFolder.open(tmp_path / name).load_checkpoint().scalars["best"]
               for name in ("whole", "broken")]  # fmt: skip
    assert scalars[0] == scalars[1] is not None


def test_that_going_back_to_the_best_takes_back_only_what_came_after_it(
    small_config, tiny_splits, tmp_path
) -> None:
    """It is written later than it was found, when more had been recorded."""
    path = tmp_path / "run"
    run_with(path, small_config({"train.epochs": 5}), tiny_splits, [9.0, 5.0, 8.0, 8.0, 8.0])
    with RunFolder.open(path, write=True) as folder:
        folder.rewind_metrics(8)
        lines = folder.read_metrics()
    steps = [line["step"] + i for line in lines if line["kind"] == "batches"
             for i in range(len(line["loss"]))]  # fmt: skip
    assert steps == list(range(8))
    assert [line["step"] for line in lines if line["kind"] == "validation"] == [4, 8]
