"""What a worker reports, told again where a test can wait for it."""

from __future__ import annotations

from PySide6.QtCore import QMetaMethod, QObject, Signal

from vae_studio.worker.model_worker import ModelWorker

KINDS = {"PyObject": object, "double": float, "int": int, "QString": str, "bool": bool}


def _signals() -> dict[str, tuple[type, ...]]:
    """The worker's own signals: name and types of what they carry."""
    told = ModelWorker.staticMetaObject
    methods = [told.method(index) for index in range(told.methodOffset(), told.methodCount())]
    return {
        method.name().toStdString(): tuple(KINDS[t.toStdString()] for t in method.parameterTypes())
        for method in methods
        if method.methodType() is QMetaMethod.MethodType.Signal
    }


SIGNALS = _signals()


class Reports(QObject):
    """The worker's signals again, emitted in the window's thread, where tests may wait for them.

    pytest-qt connects plain functions, which would run in the worker's thread and stop its timers.
    """

    locals().update({name: Signal(*kinds) for name, kinds in SIGNALS.items()})

    def __init__(self, worker: ModelWorker) -> None:
        super().__init__()
        for name in SIGNALS:
            getattr(worker, name).connect(getattr(self, name))
