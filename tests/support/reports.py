"""What a worker reports, told again where a test can wait for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from vae_studio.worker.model_worker import ModelWorker

NAMES = tuple(name for name, value in vars(ModelWorker).items() if isinstance(value, Signal))
BARE = {"shut": (), "loading": (float, str)}  # the others carry one object each


class Reports(QObject):
    """The worker's signals again, emitted in the window's thread, where tests may wait for them.

    pytest-qt connects plain functions, which would run in the worker's thread and stop its timers.
    """

    locals().update({name: Signal(*BARE.get(name, (object,))) for name in NAMES})

    def __init__(self, worker: ModelWorker) -> None:
        super().__init__()
        for name in NAMES:
            getattr(worker, name).connect(getattr(self, name))
