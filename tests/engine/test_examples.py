"""The model that the first start shows: it opens, and its numbers are true."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from vae_studio.engine.probe import noise_codes
from vae_studio.engine.session import open_model
from vae_studio.evaluation.report import evaluate_run
from vae_studio.resources import resource

EXAMPLE = resource("examples", "fashion-map")
NATS = 0.05  # another processor rounds otherwise


def test_that_the_bundled_example_opens_as_a_map() -> None:
    model = open_model(EXAMPLE)
    assert model.notes == ()
    assert model.vae.units == 2
    assert len(model.class_names) == 10
    pictures = model.probe.decode(noise_codes(4, 2, seed=0))
    assert pictures.shape == (4, 28, 28, 1)
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_that_its_summary_is_what_a_fresh_evaluation_finds() -> None:
    summary = json.loads((EXAMPLE / "summary.json").read_text("utf-8"))
    report = evaluate_run(EXAMPLE)
    assert report["same_data"]
    assert report["step"] == summary["steps"]
    assert report["active_units"] == summary["active_units"] == 2
    for split in ("test", "train"):
        for number in ("nelbo", "distortion", "rate"):
            assert report[split][number] == pytest.approx(summary[split][number], abs=NATS)
        assert report[split]["convention"] == summary[split]["convention"]


def test_that_it_opens_from_what_the_repository_holds(checkout: Path, tmp_path: Path) -> None:
    """Git keeps no empty folders: the example must open without them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "resources/examples/fashion-map"],
        cwd=checkout, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode or not listed.stdout:
        pytest.skip("not a checkout")
    for name in listed.stdout.rstrip("\0").split("\0"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, tmp_path / name)
    assert open_model(tmp_path / "resources/examples/fashion-map").step == 2580


def test_that_looking_at_it_leaves_it_as_it_was() -> None:
    before = {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")}
    open_model(EXAMPLE)
    assert {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")} == before
