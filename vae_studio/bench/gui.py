"""What the open window costs the training, how late it answers, how long it stalls.

Headless and windowed training take turns, each in a process of its own; the window stands on the
screen there is, on a virtual one (Xvfb) where there is none, or on none at all (offscreen).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from vae_studio.bench.machine import machine

ROUNDS = 5
SECONDS = 6.0
LIMIT_S = 180
MODES = ("headless", "window", "clicks")


def measure(*, data_dir: Path | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians over ``rounds`` turns, net 784-400-20 at batch 128.

    ``throughput_window`` is the share of the headless images/s with all default panels open and
    the pointer at rest, ``throughput_clicks`` under six clicks a second; stalls are how much later
    than asked a 10 ms timer fires; a click counts until the decoded picture is painted.
    """
    turns = [{mode: _turn(mode, data_dir) for mode in MODES} for _ in range(rounds)]
    return {
        "throughput_window": _share(turns, "window"),
        "throughput_clicks": _share(turns, "clicks"),
        "headless_images_per_second": round(_median(turns, "headless", "images_per_second")),
        "stall_p99_ms": _median(turns, "window", "stall_p99_ms"),
        "stall_max_ms": _median(turns, "window", "stall_max_ms"),
        "click_p50_ms": _median(turns, "clicks", "click_p50_ms"),
        "click_p95_ms": _median(turns, "clicks", "click_p95_ms"),
        "platform": turns[0]["window"]["platform"],
        "rounds": rounds,
        "seconds": SECONDS,
        "machine": machine(),
    }


def _turn(mode: str, data_dir: Path | None) -> dict[str, Any]:
    dataset = "mnist" if data_dir else "fashion-mini"
    words = [mode, dataset, "classic", str(SECONDS), str(data_dir or "")]
    child = [sys.executable, "-m", "vae_studio.bench.window_child", *words]
    with tempfile.TemporaryDirectory() as house:
        kept = {"XDG_CONFIG_HOME": house, "XDG_DATA_HOME": house, "VAE_STUDIO_RUNS": house}
        command, screen = on_a_screen(child)
        done = subprocess.run(
            command, env={**os.environ, **kept, **screen}, capture_output=True, text=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"the {mode} turn failed: {done.stderr.strip()[-2000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def on_a_screen(command: list[str]) -> tuple[list[str], dict[str, str]]:
    """The command and environment that give it a window: real, virtual or offscreen."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt":
        return command, {}
    if sys.platform == "darwin":
        return command, {}
    if shutil.which("xvfb-run"):
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1440x900x24", *command]
        return screen, {"QT_QPA_PLATFORM": "xcb"}
    return command, {"QT_QPA_PLATFORM": "offscreen"}


def _share(turns: list[dict[str, Any]], mode: str) -> float:
    shares = [
        turn[mode]["images_per_second"] / turn["headless"]["images_per_second"] for turn in turns
    ]
    return round(statistics.median(shares), 3)


def _median(turns: list[dict[str, Any]], mode: str, figure: str) -> float:
    return round(statistics.median(turn[mode][figure] for turn in turns), 2)
