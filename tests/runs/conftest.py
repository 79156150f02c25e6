"""Small runs for the tests of the run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.runs import CONFIG, RESOLVED, tensors_at

from vae_studio.runs.folder import RunFolder


@pytest.fixture
def new_run(tmp_path: Path) -> Iterator[Callable[..., RunFolder]]:
    """Makes runs below ``tmp_path/runs`` and closes them."""
    made: list[RunFolder] = []

    def make(name: str = "mnist", **fields) -> RunFolder:
        fields = {"config": CONFIG, "resolved": RESOLVED, **fields}
        made.append(RunFolder.create(tmp_path / "runs", name=name, **fields))
        return made[-1]

    yield make
    for run in made:
        run.close()


@pytest.fixture
def trained(new_run: Callable[..., RunFolder]) -> RunFolder:
    """An open run with checkpoints at the steps 10, 20 and 30 and four metrics records."""
    run = new_run()
    for step in (10, 20, 30):
        run.append_metrics({"step": step, "loss": 100.0 - step})
        run.save_checkpoint(step, tensors_at(step), {"step": step, "best": 0.1 + step})
    run.append_metrics({"step": 35, "loss": 65.0})
    return run
