"""The benchmarks answer every figure that the README names."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from vae_studio.bench import data, gui, train
from vae_studio.bench.window_child import _quantile


def test_that_the_training_bench_compares_all_four_loops(monkeypatch) -> None:
    monkeypatch.setattr(train, "TURN_S", 0.05)
    figures = train.measure(rounds=2)
    speeds = figures["images_per_second"]
    assert set(speeds) == {"ours", "data_loader", "in_memory", "matrix_products_only"}
    assert all(speed > 0 for speed in speeds.values())
    assert figures["share_of_limit"] < 1  # nothing is faster than its own matrix products
    assert figures["machine"]["date"]


def test_that_quantiles_are_those_of_a_known_row() -> None:
    assert _quantile([float(value) for value in range(101)], 0.95) == 95.0
    assert _quantile([3.0], 0.5) == 3.0


@pytest.mark.slow
def test_that_the_windows_child_tells_its_figures() -> None:
    words = ["clicks", "fashion-mini", "classic", "1.5", ""]
    done = subprocess.run(
        [sys.executable, "-m", "vae_studio.bench.window_child", *words],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
        timeout=90, check=True,
    )  # fmt: skip
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert figures["images_per_second"] > 0
    assert figures["clicks"] >= 3
    assert figures["click_p95_ms"] >= figures["click_p50_ms"] > 0
    assert figures["stall_max_ms"] >= figures["stall_p99_ms"] >= 0


def test_that_a_round_is_one_turn_of_each_mode(monkeypatch) -> None:
    asked = []

    def turn(mode, data_dir):
        asked.append(mode)
        speed = {"headless": 200.0, "window": 180.0, "clicks": 150.0}[mode]
        return {
            "images_per_second": speed, "stall_p99_ms": 1.0, "stall_max_ms": 2.0,
            "click_p50_ms": 3.0, "click_p95_ms": 4.0, "platform": "offscreen",
        }  # fmt: skip

    monkeypatch.setattr(gui, "_turn", turn)
    figures = gui.measure(rounds=2)
    assert asked == ["headless", "window", "clicks"] * 2
    assert (figures["throughput_window"], figures["throughput_clicks"]) == (0.9, 0.75)


@pytest.mark.slow
def test_that_the_bench_of_data_tells_its_figures(monkeypatch) -> None:
    monkeypatch.setattr(data, "COUNTS", (300, 20_000))
    monkeypatch.setattr(data, "SECONDS", 0.3)
    monkeypatch.setattr(data, "JPEGS", 60)
    figures = data.measure()
    assert figures["jpegs_per_second"] > 0
    assert set(figures["by_count"]) == {"300", "20,000"}
    assert 0 <= figures["waiting_share_max"] <= 1
    assert figures["by_count"]["20,000"]["memory_mb"] > 50
