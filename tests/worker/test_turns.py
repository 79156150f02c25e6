"""What one turn of the worker holds: the pointer never waits for a batch and a slice together."""

from __future__ import annotations

import pytest

from vae_studio.worker.model_worker import ModelWorker


class Turns(ModelWorker):
    """Notes what its turns did; there is always a batch (while ``training``) and a slice."""

    def __init__(self, *, training: bool) -> None:
        super().__init__()
        self.training, self.turns = training, list[list[str]]()

    def turn(self) -> list[str]:
        self.turns.append([])
        self._turn()
        return self.turns[-1]

    def _serve_requests(self) -> bool:
        return False

    def _train(self) -> bool:
        if self.training:
            self.turns[-1].append("batch")
        return self.training

    def _look(self) -> bool:
        self.turns[-1].append("slice")
        return True


@pytest.mark.parametrize("training", [True, False])
def test_that_a_turn_is_a_batch_or_a_slice(qapp, training: bool) -> None:
    worker = Turns(training=training)
    worker._timer.start()
    turns = [worker.turn() for _ in range(6)]
    assert all(len(turn) == 1 for turn in turns)
    kinds = [turn[0] for turn in turns]
    assert kinds == (["slice", "batch"] * 3 if training else ["slice"] * 6)
    assert worker._timer.isActive()  # there was something to do in every turn
    worker._timer.stop()
