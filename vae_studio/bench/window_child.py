"""In a process of its own: train for a while, with or without the window, and print figures."""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from vae_studio import app as studio
from vae_studio.bench.loops import classic_config
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.events import BatchesTrained

WARM_S = 3.0  # first batches, first frames
TICK_MS = 10  # a stall is how much later than this the event loop comes back
CLICK_MS = 171  # about six clicks a second, out of step with every other timer


def headless(config: RunConfig, seconds: float, data_dir: str) -> dict[str, Any]:
    """Images per second of the trainer alone."""
    from pathlib import Path

    from vae_studio.data.catalog import load_splits
    from vae_studio.engine.trainer import Trainer

    splits = load_splits(config.data.dataset, data_dir=Path(data_dir) if data_dir else None)
    trainer = Trainer(config, splits)
    events = trainer.run()
    start = time.perf_counter()
    while time.perf_counter() - start < WARM_S:
        next(events)
    images, start = trainer.images_trained, time.perf_counter()
    while time.perf_counter() - start < seconds:
        next(events)
    return {"images_per_second": (trainer.images_trained - images) / (time.perf_counter() - start)}


class Watch(QObject):
    """Presses Train, counts what arrives, measures how late the event loop and the pixels are."""

    def __init__(self, app: studio.App, config: RunConfig, seconds: float, clicks: bool) -> None:
        super().__init__()
        self._app, self._config, self._seconds, self._clicks = app, config, seconds, clicks
        self._images, self._began, self._ended = 0, 0.0, 0.0
        self._last_tick = 0.0
        self.stalls_ms: list[float] = []
        self.answers_ms: list[float] = []
        self._asked: tuple[float, NDArray[np.float32] | None] | None = None
        self._tick = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)
        self._clicker = QTimer(self, interval=CLICK_MS)
        self._clicker.timeout.connect(self._click)
        self._started = False
        app.worker.data_loaded.connect(self._start)
        app.worker.batches_trained.connect(self._count)
        app.panels.decoded.picture.installEventFilter(self)

    @Slot(object)
    def _start(self, _loaded: object) -> None:
        if not self._started:
            self._started = True
            self._app.wishes.run_wanted.emit(self._config)

    @Slot(object)
    def _count(self, chunk: BatchesTrained) -> None:
        now = time.perf_counter()
        if not self._began:
            self._began = now
        elif now - self._began > WARM_S + self._seconds:
            self._finish()
        elif now - self._began > WARM_S:
            if not self._tick.isActive():
                self._last_tick = now
                self._tick.start()
                if self._clicks:
                    self._clicker.start()
            else:
                self._images += len(chunk.loss) * self._config.train.batch_size
            self._ended = now

    @Slot()
    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.stalls_ms.append(max(0.0, 1e3 * (now - self._last_tick) - TICK_MS))
        self._last_tick = now

    @Slot()
    def _click(self) -> None:
        surface = self._app.panels.canvas.canvas
        where = QPoint(
            int(surface.width() * random.uniform(0.2, 0.8)),
            int(surface.height() * random.uniform(0.2, 0.8)),
        )
        began = time.perf_counter()
        for kind, held in (
            (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
        ):
            event = QMouseEvent(
                kind, QPointF(where), QPointF(surface.mapToGlobal(where)),
                Qt.MouseButton.LeftButton, held, Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QApplication.sendEvent(surface, event)
        self._asked = (began, surface.chosen_code)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The picture is on its way to the screen once its widget was painted."""
        if event.type() == QEvent.Type.Paint and self._asked:
            shown, asked = self._app.panels.decoded.shown_code, self._asked[1]
            if shown is not None and asked is not None and np.array_equal(shown, asked):
                QTimer.singleShot(0, self._painted)  # after this paint
        return super().eventFilter(watched, event)

    @Slot()
    def _painted(self) -> None:
        if self._asked is not None:
            self.answers_ms.append(1e3 * (time.perf_counter() - self._asked[0]))
            self._asked = None

    def _finish(self) -> None:
        self._tick.stop()
        self._clicker.stop()
        self._app.worker.batches_trained.disconnect(self._count)
        spent = self._ended - self._began - WARM_S
        figures = {
            "images_per_second": self._images / spent,
            "stall_p99_ms": _quantile(self.stalls_ms, 0.99),
            "stall_max_ms": max(self.stalls_ms),
            "click_p50_ms": _quantile(self.answers_ms, 0.5) if self._clicks else None,
            "click_p95_ms": _quantile(self.answers_ms, 0.95) if self._clicks else None,
            "clicks": len(self.answers_ms),
            "platform": QApplication.platformName(),
        }
        print(json.dumps(figures), flush=True)
        self._app.save_and_close()


def windowed(config: RunConfig, seconds: float, data_dir: str, *, clicks: bool) -> int:
    """The app as it is, with all default panels; prints its figures and closes."""
    watches = []
    if data_dir:
        os.environ["VAE_STUDIO_DATA"] = data_dir

    class Watched(studio.App):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.desk.reset(config)
            watches.append(Watch(self, config, seconds, clicks))

    studio.App = Watched  # type: ignore[misc]
    return studio.main()


def _quantile(values: list[float], share: float) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return round(statistics.quantiles(values, n=100, method="inclusive")[int(share * 100) - 1], 2)


def main(mode: str, dataset: str, net: str, seconds: str, data_dir: str) -> int:
    """``mode`` headless, window or clicks; ``net`` classic or default."""
    config = classic_config() if net == "classic" else RunConfig()
    config = with_value(with_value(config, "data.dataset", dataset), "train.epochs", 1000)
    if mode == "headless":
        figures = headless(config, float(seconds), data_dir)
        print(json.dumps(figures))
        return 0
    return windowed(config, float(seconds), data_dir, clicks=mode == "clicks")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
