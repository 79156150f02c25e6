"""The start-up benchmark opens the real app, and what it finds keeps the promise of the start."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vae_studio.bench import startup
from vae_studio.bench.machine import machine
from vae_studio.cli import main


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """One start of the app, measured."""
    return startup.measure(times=1)


def test_that_the_window_is_painted_before_torch_is_loaded(figures: dict[str, Any]) -> None:
    assert figures["torch_before_window"] is False


def test_that_the_figures_come_in_the_order_of_events(figures: dict[str, Any]) -> None:
    assert 0 < figures["help_s"] < figures["window_s"] < figures["engine_s"]
    assert figures["platform"] in ("offscreen", "xcb", "wayland", "cocoa", "windows")


def test_that_an_app_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "CHILD", "raise SystemExit('no display')")
    with pytest.raises(RuntimeError, match="no display"):
        startup.measure(times=1)


def test_that_the_command_prints_json_or_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(startup, "measure", lambda data_dir: {"a": {"b": 1.5}})
    assert main(["bench", "startup", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": {"b": 1.5}}
    assert main(["bench", "startup"]) == 0
    assert capsys.readouterr().out.split() == ["a.b", "1.5"]


def test_that_a_figure_says_where_and_when_it_was_measured() -> None:
    facts = machine()
    assert facts["cores"] >= 1  # type: ignore[operator]
    assert {"processor", "memory_gb", "system", "python", "torch", "date"} <= set(facts)
