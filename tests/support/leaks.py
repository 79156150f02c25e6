"""No thread and no window outlives its test."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

GRACE_S = 5.0  # a thread that was told to end may need this long on a busy machine
QT_OWN_WIDGETS = {"QTipLabel", "QShapedPixmapWidget"}  # Qt keeps one of each for itself

_started: weakref.WeakSet[QThread] = weakref.WeakSet()
_start = QThread.start


def _remembering_start(thread: QThread, *arguments: object) -> None:
    _started.add(thread)
    _start(thread, *arguments)


QThread.start = _remembering_start  # type: ignore[method-assign]


def leaked_threads(before: set[threading.Thread]) -> list[str]:
    """Names of Python threads and QThreads still running, after giving them time to end."""
    new = [thread for thread in threading.enumerate() if thread not in before]
    own = [thread for thread in new if _is_tests_business(thread)]
    for thread in own:
        thread.join(GRACE_S)
    running = [thread.name for thread in own if thread.is_alive()]
    return running + [_name_of(thread) for thread in list(_started) if _outlives(thread)]


def _is_tests_business(thread: threading.Thread) -> bool:
    # a _DummyThread stands for a thread Qt or torch made; QThreads are looked at by themselves
    dummy = isinstance(thread, threading._DummyThread)
    return not dummy and not thread.name.startswith("pytest_timeout")


def _outlives(thread: QThread) -> bool:
    return isValid(thread) and thread.isRunning() and not thread.wait(int(GRACE_S * 1000))


def _name_of(thread: QThread) -> str:
    _started.discard(thread)  # one leak fails one test, not all that follow
    return thread.objectName() or type(thread).__name__


def leaked_windows(before: set[int]) -> list[str]:
    """Descriptions of the top-level widgets that were not there before."""
    if not _windows_since(before):
        return []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if _windows_since(before):
        gc.collect()  # widgets in reference cycles go now
    return [f"{type(w).__name__}({w.objectName()!r})" for w in _windows_since(before)]


def _windows_since(before: set[int]) -> list[QWidget]:
    if QApplication.instance() is None:
        return []
    windows = [widget for widget in QApplication.topLevelWidgets() if isValid(widget)]
    foreign = [widget for widget in windows if id(widget) not in before]
    return [w for w in foreign if w.metaObject().className() not in QT_OWN_WIDGETS]


@pytest.fixture(autouse=True)
def nothing_leaks(home: object) -> Iterator[None]:
    """Fails the test that leaves a thread running or a window open."""
    threads = set(threading.enumerate())
    kept = _windows_since(set())  # held, so that no new widget can reuse an address
    yield
    left_windows = leaked_windows({id(window) for window in kept})
    left_threads = leaked_threads(threads)
    assert not left_threads, f"threads outlived their test: {', '.join(left_threads)}"
    assert not left_windows, f"windows outlived their test: {', '.join(left_windows)}"
