"""``vae-studio evaluate``: the table, the file it leaves, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vae_studio.cli import main
from vae_studio.commands.evaluate import GROUPS
from vae_studio.commands.readings import readings_text
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.engine.session import start_run
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.report import GROUPS as MEASURED
from vae_studio.runs.folder import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_splits) -> Path:
    config = RunConfig()
    for path, value in {
        "model.net": "mlp", "model.options.width": 16, "train.epochs": 1,
        "train.batch_size": 100, "train.precision": "fp32", "train.device": "cpu",
    }.items():  # fmt: skip
        config = with_value(config, path, value)  # type: ignore[arg-type]
    out = tmp_path_factory.mktemp("evaluate") / "run"
    for _ in start_run(config, tiny_splits, out=out, name="tiny").run():
        pass
    return out


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tiny_splits) -> None:
    monkeypatch.setattr("vae_studio.evaluation.report.load_data", lambda *a, **k: tiny_splits)


def test_that_the_command_knows_every_group() -> None:
    assert tuple(sorted(GROUPS)) == tuple(sorted(MEASURED))


def test_that_the_table_and_the_file_tell_the_same(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(run), "--only", "likelihood,nll", "--is-samples", "10"]
    assert main([*words, "--is-images", "20"]) == 0
    shown = capsys.readouterr().out
    kept = RunFolder.open(run).read_evaluation()
    assert kept is not None
    by_key = {line["key"]: line for line in kept["readings"]}
    assert f"{by_key['test.nelbo']['value']:.2f}" in shown
    assert f"{by_key['nll']['value']:.2f}" in shown
    assert "IS-10" in shown
    assert by_key["nll"]["count"] == 20
    assert shown.count("grey-BCE · 28×28 · β = 1 · nats per image") == 1
    assert RunFolder.open(run).manifest.state == "done"


def test_that_json_is_all_there_is_on_the_output(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(run), "--only", "copies", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {line["key"] for line in told["readings"]} == {"psnr", "ssim"}
    assert told["test"] is None
    assert told["complete"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "beauty"], "There is no group of numbers 'beauty'"),
        (["--is-samples", "0"], "at least one"),
        (["--is-images", "many"], "whole number"),
    ],
)
def test_that_wrong_words_are_told_in_a_sentence(
    run: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(run), *words]) == 2
    assert sentence in capsys.readouterr().err


def test_that_a_folder_that_is_being_written_still_shows_its_numbers(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vae_studio.domain.errors import StudioError

    def refuse(*_: object) -> None:
        raise StudioError("The run 'tiny' is being written by another program.")

    monkeypatch.setattr("vae_studio.evaluation.report.keep", refuse)
    assert main(["evaluate", str(run), "--only", "likelihood"]) == 0
    told = capsys.readouterr()
    assert "test NELBO" in told.out
    assert "not kept: The run 'tiny'" in told.err


def test_that_what_is_struck_looks_struck() -> None:
    readings = [
        Reading("mutual_information", "I(x; z)", 47.9, 0.3, 2000, "10,000 references", "nats",
                "struck", "More than ln N."),
        unavailable("mig", "MIG", "No factors."),
        Reading("ssim", "SSIM", 0.8514, 0.0021, 1000, "copies"),
    ]  # fmt: skip
    plain = readings_text(readings, styled=False).splitlines()
    assert "~~47.90~~" in plain[1]
    assert "struck [1]" in plain[1]
    assert "unavailable [2]" in plain[2]
    assert plain[3].split() == ["SSIM", "0.851", "0.002", "1000", "copies"]
    assert plain[-2:] == ["[1] More than ln N.", "[2] No factors."]
    styled = readings_text(readings, styled=True).splitlines()
    assert "\x1b[9m  47.90  \x1b[29m" in styled[1]
    assert styled[2:] == plain[2:]
