"""A run's whole life by commands: trained, listed, measured, drawn, stopped and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SMALL = ["--net", "mlp", "--set", "model.options.width=16", "--device", "cpu"]
SPLIT_KEYS = {"nelbo", "distortion", "rate", "convention"}
SUMMARY_KEYS = {
    "test", "train", "epochs", "steps", "seconds", "images_per_second", "parameters", "device",
    "precision", "seed",
}  # fmt: skip


def studio(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "vae_studio", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch on the bundled pictures."""
    run = tmp_path_factory.mktemp("life") / "trained"
    done = studio("train", "--epochs", "1", "--out", str(run), "--name", "trained", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "epoch 1.0/1" in done.stdout
    assert "grey-BCE · 28×28 · β = 1 · nats per image" in done.stdout
    return run


def test_that_training_leaves_the_promised_summary(trained: Path) -> None:
    summary: dict[str, Any] = json.loads((trained / "summary.json").read_text("utf-8"))
    assert set(summary) >= SUMMARY_KEYS
    for split in ("test", "train"):
        numbers = summary[split]
        assert set(numbers) >= SPLIT_KEYS
        assert numbers["nelbo"] == pytest.approx(numbers["distortion"] + numbers["rate"], abs=1e-3)
    assert summary["test"]["nelbo"] < 400  # an untrained net starts above 500


def test_that_evaluating_finds_the_numbers_of_the_summary(trained: Path) -> None:
    done = studio("evaluate", str(trained), "--only", "likelihood", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads((trained / "summary.json").read_text("utf-8"))
    report = json.loads(done.stdout)
    assert report["test"]["nelbo"] == pytest.approx(summary["test"]["nelbo"], abs=1e-3)
    assert report["test"]["convention"] == summary["test"]["convention"]


def test_that_sampling_draws_the_same_file_for_the_same_seed(trained: Path, tmp_path: Path) -> None:
    drawn = {}
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        out = tmp_path / f"{name}.png"
        words = ["--rows", "3", "--columns", "4", "--scale", "2", "--seed", seed]
        done = studio("sample", str(trained), *words, "--out", str(out))
        assert done.returncode == 0, done.stderr
        drawn[name] = out.read_bytes()
    assert drawn["a"] == drawn["b"] != drawn["c"]
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (4 * 56 + 3 * 2, 3 * 56 + 2 * 2)
        assert len(picture.convert("L").getcolors() or ()) > 20  # pictures, not a blank


def test_that_a_finished_run_cannot_be_resumed(trained: Path) -> None:
    done = studio("resume", str(trained))
    assert done.returncode == 2
    assert "is finished" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals between processes")
def test_that_ctrl_c_saves_and_resume_goes_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["train", "--epochs", "3000", "--name", "long", *SMALL]
    with subprocess.Popen(
        [sys.executable, "-m", "vae_studio", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        while "epoch 1.0/" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Go on: vae-studio resume long" in told
    listed = json.loads(studio("runs", "--json").stdout)
    assert [(run["name"], run["state"]) for run in listed] == [("long", "stopped")]
    assert listed[0]["step"] > 0
    assert goes_on("long", listed[0]["step"])


def goes_on(run: str, step: int) -> bool:
    """Whether ``resume`` trains beyond a step; it is stopped again after the next epoch."""
    with subprocess.Popen(
        [sys.executable, "-m", "vae_studio", "resume", run, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        while "held out" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return int(json.loads(told)["steps"]) > step
