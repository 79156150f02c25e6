"""A worker on its own thread, as in the app, ended in order after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt, QThread, Signal
from support.reports import Reports

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.worker.model_worker import ModelWorker


class Desk(QObject):
    """Asks as the window does: by signals, from the window's thread."""

    data = Signal(object, str)
    run = Signal(object)
    batch = Signal(object)
    pause = Signal()
    resume = Signal()
    stop = Signal()
    knob = Signal(str, object)
    code = Signal(object)
    tiles = Signal(object)
    samples = Signal(int, int, float)
    preview = Signal(object)
    export = Signal(object, str)
    open = Signal(str)
    shut = Signal()

    def __init__(self, worker: ModelWorker) -> None:
        super().__init__()
        for signal, slot in (
            (self.data, worker.load_data), (self.run, worker.start_run),
            (self.batch, worker.train_one_batch), (self.pause, worker.pause),
            (self.resume, worker.resume), (self.stop, worker.stop),
            (self.knob, worker.turn_knob), (self.code, worker.decode),
            (self.tiles, worker.want_tiles), (self.samples, worker.want_samples),
            (self.preview, worker.preview_grid), (self.export, worker.export_grid),
            (self.open, worker.open_run), (self.shut, worker.shut_down),
        ):  # fmt: skip
            signal.connect(slot)


@pytest.fixture
def worker(qapp) -> Iterator[Reports]:
    """What a worker on a thread of its own reports."""
    thread = QThread()
    thread.setStackSize(16 << 20)
    worker = ModelWorker()
    worker.moveToThread(thread)
    thread.started.connect(worker.warm_up)
    thread.finished.connect(worker.deleteLater)
    worker.shut.connect(thread.quit, Qt.ConnectionType.DirectConnection)
    desk, reports = Desk(worker), Reports(worker)
    reports.desk = desk
    thread.start()
    yield reports
    desk.shut.emit()  # a run under way is saved and ended
    assert thread.wait(30_000)


@pytest.fixture
def desk(worker) -> Desk:
    """The window's side of the worker."""
    return worker.desk


@pytest.fixture
def config() -> RunConfig:
    """A small net on the bundled pictures: 108 steps."""
    config = RunConfig()
    for path, value in {
        "model.net": "mlp", "model.options.width": 24, "train.epochs": 1,
        "train.batch_size": 100, "train.precision": "fp32",
    }.items():  # fmt: skip
        config = with_value(config, path, value)
    return config
