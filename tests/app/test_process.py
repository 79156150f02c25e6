"""The app as a process: what it has loaded when, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import list_runs

DRIVEN = Path(__file__).parents[1] / "support" / "driven_app.py"
END_S = 30


@contextmanager
def driven(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The app in a process that presses Train by itself; never left behind."""
    process = subprocess.Popen(
        [sys.executable, str(DRIVEN), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_saved() -> None:
    """The one run there is was stopped in order and can be opened where it ended."""
    (run,) = list_runs()
    assert run.state == "stopped"
    assert RunFolder.open(run.path).load_checkpoint().step == run.step >= 50


def complaints(text: str) -> list[str]:
    """What was written to stderr, without what the offscreen platform says of every window."""
    return [line for line in text.splitlines() if "plugin does not support" not in line]


def test_that_save_and_stop_ends_the_process_well() -> None:
    with driven("close") as process:
        told, errors = process.communicate(timeout=END_S)
    assert process.returncode == 0, errors
    assert complaints(errors) == []
    assert told.splitlines()[0] == "pictures torch=no"
    assert "training" in told.splitlines()
    assert_saved()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs otherwise")
def test_that_being_told_to_end_saves_the_run_and_ends_well() -> None:
    with driven() as process:
        assert process.stdout is not None
        while process.stdout.readline() not in ("training\n", ""):
            pass
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=END_S)
    assert process.returncode == 0, errors
    assert complaints(errors) == []
    assert_saved()
