"""Help answers at once, names every command, and is true of every knob."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import vae_studio
from vae_studio import __version__
from vae_studio.cli import COMMANDS, main
from vae_studio.domain.config import knobs

HELP_LIMIT_S = 0.150


def seconds_of(*words: str) -> float:
    """How long a fresh process takes to answer."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "vae_studio", *words], check=True, capture_output=True)
    return time.perf_counter() - started


def test_that_help_answers_within_150_ms() -> None:
    assert statistics.median(seconds_of("--help") for _ in range(5)) < HELP_LIMIT_S


def test_that_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command} " in shown for command in COMMANDS)


def test_that_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"vae-studio {__version__}\n"


def test_that_help_of_train_tells_flag_range_and_choices_of_every_knob(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    for knob in knobs():
        assert f"{knob.flag} " in shown
        assert " ".join(knob.help.split()).replace("- ", "-") in shown
    assert "whole number 1 to 512; default 2" in shown
    assert "one of auto, cuda, mps, cpu; default auto" in shown
    assert "model.options.width with --net mlp" in shown


@pytest.mark.parametrize("words", [[], ["a-run"]])
def test_that_no_command_opens_the_app(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def remember(run: object) -> int:
        opened.append(run)
        return 0

    monkeypatch.setattr(vae_studio, "app", SimpleNamespace(main=remember), raising=False)
    monkeypatch.setattr("vae_studio.runs.library.find_run", lambda text: f"runs/{text}")
    assert main(words) == 0
    assert opened == ([f"runs/{word}" for word in words] or [None])
