"""No memory left in the middle of a step: the same step again, in smaller parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import torch
from support.trained import Meddled, bits_of, finished

from vae_studio.domain.events import NoticeGiven, RunFailed, RunFinished
from vae_studio.engine import session
from vae_studio.engine.memory import Kept, is_out_of_memory
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder

CPU = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you "
    "tried to allocate 4503599627370496 bytes. Error code 12 (Cannot allocate memory)"
)
ERRORS = {
    "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "cpu": RuntimeError(CPU),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB, max allowed: 9 GB)"),
    "cublas": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"),
    "python": MemoryError(),
}
FROM, ROOM = 5, 30  # from this step on there is room for so many pictures; a batch has 100


class Starved(Meddled):
    """An objective that runs out of memory in its backward pass, so that all before it is done."""

    def __init__(self, honest: Any, error: Exception, room: int = ROOM, start: int = FROM) -> None:
        super().__init__(honest, lambda terms, at: terms)
        self.error, self.room, self.start, self.failures = error, room, start, 0

    def __call__(self, model, x_BCHW, at, generator):
        terms = super().__call__(model, x_BCHW, at, generator)
        if at.step >= self.start and len(x_BCHW) > self.room:
            terms.loss.register_hook(self.fail)
        return terms

    def fail(self, _gradient: torch.Tensor) -> None:
        self.failures += 1
        raise self.error


def starve(trainer: Trainer, error: Exception | None = None, **how: int) -> Starved:
    stepper = trainer._stepper
    stepper.objective = Starved(stepper.objective, error or ERRORS["cuda"], **how)
    return stepper.objective


def planned(config, splits, *halvings: int) -> Trainer:
    """A run that makes its parts smaller at these steps, without ever running out of memory."""
    resolved = msgspec.structs.replace(Trainer(config, splits).resolved, halvings=halvings)
    return Trainer(config, splits, resolved=resolved)


@pytest.mark.parametrize("device", ERRORS)
def test_that_the_step_is_done_again_in_parts_that_fit(
    device: str, small_config, tiny_splits
) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    starved = starve(trainer, ERRORS[device])
    told = [event for event in trainer.run() if event is not None]
    assert isinstance(told[-1], RunFinished)
    assert starved.failures == 2  # 100 pictures, 50; 25 fit
    assert trainer.resolved.halvings == (FROM, FROM)
    notices = [event for event in told if isinstance(event, NoticeGiven)]
    assert [notice.level for notice in notices] == ["warning", "warning"]
    assert "at step 5" in notices[1].sentence
    assert "batches of 100 go through the network 25 pictures at a time" in notices[1].sentence
    assert bits_of(trainer) == finished(planned(small_config(), tiny_splits, FROM, FROM))


#: What has a state that a failed attempt could touch: batch norm's means, a learnt variance, a
#: critic, a controller, labels that are forgotten at random.
STATEFUL = {
    "batch norm": {"model.options.norm": "batch"},
    "critic": {"objective.objective": "factor-vae"},
    "controller": {"objective.objective": "control-vae"},
    "labels": {"model.conditional": True},
    "binarised": {"model.likelihood": "bernoulli-dynamic"},
}


@pytest.mark.parametrize("kind", STATEFUL)
def test_that_the_failed_attempt_leaves_no_trace(kind: str, small_config, tiny_splits) -> None:
    config = small_config(STATEFUL[kind])
    trainer = Trainer(config, tiny_splits)
    starve(trainer)
    assert finished(trainer) == finished(planned(config, tiny_splits, FROM, FROM))


def test_that_a_trace_in_a_buffer_would_be_noticed(
    small_config, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kept, "restore", lambda kept: None)
    config = small_config(STATEFUL["batch norm"])
    trainer = Trainer(config, tiny_splits)
    starve(trainer)
    assert finished(trainer) != finished(planned(config, tiny_splits, FROM, FROM))


def test_that_memory_may_also_end_amid_the_parts(small_config, tiny_splits) -> None:
    config = small_config()

    class Third(Starved):
        def fail(self, gradient: torch.Tensor) -> None:
            self.failures += 1
            if self.failures == 3:
                raise self.error

    trainer = planned(config, tiny_splits, 0, 0)
    stepper = trainer._stepper
    stepper.objective = Third(stepper.objective, ERRORS["cpu"], room=0)
    assert finished(trainer) == finished(planned(config, tiny_splits, 0, 0, FROM))


def test_that_a_single_picture_without_room_is_one_sentence(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(), tiny_splits)
    starve(trainer, room=0)
    events = trainer.run()
    while trainer.step < FROM:
        next(events)
    before = bits_of(trainer)
    last = [event for event in events if event is not None][-1]
    assert isinstance(last, RunFailed)
    assert last.sentence.startswith("The device ran out of memory at step 5 with a single picture.")
    assert "Tried to allocate" in last.details
    assert bits_of(trainer) == before


def test_that_a_resumed_run_has_the_same_parts_and_so_the_same_bits(small_config, tmp_path) -> None:
    config = small_config({"train.epochs": 1, "train.batch_size": 1000})

    def begin(name: str) -> Trainer:
        trainer = session.start_session(config, out=tmp_path / name)
        starve(trainer, start=3, room=300)
        return trainer

    whole = finished(begin("whole"))
    for stop in (2, 6):  # before the memory ran out, and after
        broken = begin(str(stop))
        for _ in broken.run():
            if broken.step == stop:
                broken.request_stop()
        resumed = session.resume_session(tmp_path / str(stop))
        if stop == 2:
            starve(resumed, start=3, room=300)
        assert resumed.resolved.halvings == (() if stop == 2 else (3, 3))
        assert finished(resumed) == whole
        assert RunFolder.open(tmp_path / str(stop)).manifest.resolved["halvings"] == [3, 3]


def test_that_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    others: tuple[Callable[[], object], ...] = (
        lambda: torch.ones(2) @ torch.ones(3),
        lambda: torch.ones(2).view(7),
        lambda: [][1],
    )
    for wrong in others:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - any of them
            wrong()
        assert not is_out_of_memory(caught.value)
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)
