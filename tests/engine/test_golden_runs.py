"""Runs made by released versions, kept in tests/runs/golden under their schema: they open for ever.

A new schema adds a folder and a row here; no folder is ever made anew.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from vae_studio.engine import session
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import listing_of
from vae_studio.runs.manifest import SCHEMA

GOLDEN = Path(__file__).parents[1] / "runs" / "golden"
CODES = np.array([[0, 0], [1, -1], [-2, 0.5]], np.float32)
TOLD = np.eye(10, dtype=np.float32)[[0, 3, 9]]
GREY_LEVELS = 2  # another processor rounds otherwise


@dataclass(frozen=True)
class Golden:
    """What is known of one; ``pictures``: every ninth grey value of those at CODES under TOLD."""

    checkpoints: list[tuple[int, str]]
    batches: int
    nelbo: float
    pictures: list[list[int]]


RUNS = {
    "1.1": Golden(
        checkpoints=[(22, "best"), (25, "periodic")],
        batches=25,
        nelbo=2.3072,
        pictures=[
            [22, 30, 112, 120, 150, 123, 58, 8],
            [8, 34, 104, 119, 154, 132, 43, 0],
            [23, 29, 101, 140, 145, 129, 68, 13],
        ],
    ),
}


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the run, which may be written to."""
    return Path(shutil.copytree(GOLDEN / request.param, tmp_path / "run"))


def each_run(test):
    return pytest.mark.parametrize(
        ("copied", "known"), RUNS.items(), indirect=["copied"], ids=list(RUNS)
    )(test)


def test_that_the_schema_of_now_has_its_golden_run() -> None:
    assert f"{SCHEMA[0]}.{SCHEMA[1]}" in RUNS
    assert {path.name for path in GOLDEN.iterdir()} == set(RUNS)


@each_run
def test_that_its_model_draws_what_it_drew(copied: Path, known: Golden) -> None:
    model = session.open_model(copied)
    assert model.notes == ()
    assert model.step == known.checkpoints[-1][0]
    drawn = model.probe.decode(CODES, TOLD)[..., 0].reshape(len(CODES), -1)[:, ::9]
    assert np.abs(drawn.astype(int) - known.pictures).max() <= GREY_LEVELS


@each_run
def test_that_all_it_recorded_is_read(copied: Path, known: Golden) -> None:
    folder = RunFolder.open(copied)
    assert folder.notes == ()
    assert [(e["step"], e["kind"]) for e in folder.manifest.checkpoints] == known.checkpoints
    lines = [line for line in folder.read_metrics() if line["kind"] == "batches"]
    assert sum(len(line["loss"]) for line in lines) == known.batches
    assert folder.read_summary()["test"]["nelbo"] == known.nelbo
    listing = listing_of(copied)
    assert (listing.state, listing.test_nelbo) == ("stopped", known.nelbo)
    assert all(folder.load_checkpoint(e["name"]) for e in folder.manifest.checkpoints)


@each_run
def test_that_it_can_still_be_written(copied: Path, known: Golden) -> None:
    with RunFolder.open(copied, write=True) as folder:
        last = folder.load_checkpoint()
        folder.append_metrics({"kind": "epoch", "step": last.step, "epoch": 9})
        folder.save_checkpoint(last.step + 1, last.tensors, last.scalars)
        folder.update(state="done")
    assert RunFolder.open(copied).load_checkpoint().step == last.step + 1
    assert RunFolder.open(copied).manifest.edits[0]["path"] == "train.learning_rate"
