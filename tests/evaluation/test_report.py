"""The numbers of a run on demand: those it ended with, or one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.engine.session import start_run, start_session
from vae_studio.evaluation.report import evaluate_run

SMALL = {
    "model.net": "mlp", "model.options.width": 16, "train.epochs": 1, "train.batch_size": 100,
    "train.precision": "fp32", "train.device": "cpu",
}  # fmt: skip


def config(changes: dict[str, object] | None = None) -> RunConfig:
    made = RunConfig()
    for path, value in {**SMALL, **(changes or {})}.items():
        made = with_value(made, path, value)  # type: ignore[arg-type]
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of 108 steps."""
    out = tmp_path_factory.mktemp("evaluated") / "run"
    for _ in start_session(config(), out=out, name="measured").run():
        pass
    return out


def test_that_a_finished_run_is_measured_as_its_summary_says(run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    report = evaluate_run(run)
    assert report["test"] == summary["test"]
    assert report["train"] == summary["train"]
    assert report["active_units"] == summary["active_units"]
    assert report["step"] == summary["steps"] == 108
    assert report["same_data"]


def test_that_progress_climbs_to_the_end(run: Path) -> None:
    shares: list[float] = []

    def progress(share: float, _sentence: str) -> bool:
        shares.append(share)
        return True

    evaluate_run(run, progress=progress)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert len(shares) > 4


def test_that_other_pictures_under_the_same_name_are_noticed(tmp_path: Path, tiny_splits) -> None:
    out = tmp_path / "tiny"
    others = replace(tiny_splits, fingerprint="0" * 64)
    for _ in start_run(config(), others, out=out, name="tiny").run():
        pass
    report = evaluate_run(out)
    assert not report["same_data"]
    assert report["test"]["images"] == 2000


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_that_what_is_no_run_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError) as told:
        evaluate_run(tmp_path / name)
    assert name in told.value.sentence
    assert "\n" not in told.value.sentence


def test_that_missing_pictures_are_told_in_one_sentence(tmp_path: Path, tiny_splits) -> None:
    out = tmp_path / "elsewhere"
    gone = replace(tiny_splits, name="folder:gone")
    for _ in start_run(config(), gone, out=out, name="elsewhere").run():
        pass
    with pytest.raises(StudioError) as told:
        evaluate_run(out)
    assert "gone" in told.value.sentence
    assert "\n" not in told.value.sentence


def test_that_a_run_without_a_checkpoint_says_what_to_do(tmp_path: Path, tiny_splits) -> None:
    out = tmp_path / "begun"
    trainer = start_run(config(), tiny_splits, out=out, name="begun")
    trainer.recorder.folder.close()
    with pytest.raises(StudioError, match="no checkpoint yet"):
        evaluate_run(out)
