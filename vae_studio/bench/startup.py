"""How long a person waits: for ``--help``, for the window, for *Train*; each in fresh processes.

Times count from before the process exists to the moment named, on this machine's clock.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_studio.bench.machine import machine

TIMES = 5
LIMIT_S = 120
CHILD = "from vae_studio.bench.startup import open_and_close; open_and_close()"
#: Not passed on: who starts the app again has its modules compiled, and the disk warm.
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


def measure(*, data_dir: Path | None = None, times: int = TIMES) -> dict[str, Any]:
    """Medians over ``times`` fresh processes (and each time), after one that is not counted:
    ``help_s``; ``window_s`` to the first paint; ``engine_s`` to the engine being ready.
    ``platform`` is Qt's.
    """
    environment = {name: value for name, value in os.environ.items() if name != UNCOMPILED}
    _start(environment)
    helps = [_seconds_of_help(environment) for _ in range(times)]
    starts = [_start(environment) for _ in range(times)]
    return {
        "help_s": _median(helps),
        "window_s": _median([start["window_s"] for start in starts]),
        "engine_s": _median([start["engine_s"] for start in starts]),
        "all": {"help_s": helps, "window_s": [start["window_s"] for start in starts]},
        "torch_before_window": any(start["torch_before_window"] for start in starts),
        "platform": starts[0]["platform"],
        "machine": machine(),
    }


def _seconds_of_help(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "vae_studio", "--help"], check=True, stdout=subprocess.DEVNULL,
        env=environment,
    )  # fmt: skip
    return round(time.perf_counter() - started, 4)


def _start(environment: dict[str, str]) -> dict[str, Any]:
    """Open the app in a house of its own, as on a first start, and close it again."""
    with tempfile.TemporaryDirectory() as house:
        kept = {"XDG_CONFIG_HOME": house, "XDG_DATA_HOME": house, "VAE_STUDIO_RUNS": house}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, repr(time.time())],
            env={**environment, **kept}, capture_output=True, text=True, timeout=LIMIT_S,
            check=False,
        )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"the app did not start: {done.stderr.strip()[-2000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def open_and_close() -> None:
    """In the child: the app as it is, with a watch on its first paint and its engine.

    ``sys.argv[1]`` is the time at which the parent started this process.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = float(sys.argv.pop(1))

    gc.disable()  # as the command does
    from vae_studio import app

    app.App = _timed(app.App, lambda: round(time.time() - began, 3))  # type: ignore[assignment,misc]
    sys.exit(app.main())


def _timed(base: type, seconds: Callable[[], float]) -> type:
    """The App class, printing when its window was painted and its engine ready, then closing."""
    from PySide6.QtCore import QEvent, QObject, Slot
    from PySide6.QtGui import QGuiApplication

    class Timed(base):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.figures: dict[str, Any] = {}
            self.window.installEventFilter(self)
            self.worker.engine_ready.connect(self.close_window)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not self.figures:
                self.figures = {
                    "window_s": seconds(),
                    "torch_before_window": "torch" in sys.modules,
                    "platform": QGuiApplication.platformName(),
                }
            return bool(super().eventFilter(watched, event))

        @Slot(object)
        def close_window(self, _ready: object) -> None:
            print(json.dumps({**self.figures, "engine_s": seconds()}), flush=True)
            self.window.close()

    return Timed
