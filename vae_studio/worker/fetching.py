"""A download beside the worker: the canvas goes on answering while a set travels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from vae_studio.data.download import fetch_set
from vae_studio.data.progress import LoadCancelled
from vae_studio.data.search import user_datasets_folder
from vae_studio.domain.errors import StudioError
from vae_studio.worker.guard import failure

WISH = "download the pictures"


class Fetching(QObject):
    """Fetches one set at a time on a thread of its own, which knows neither torch nor widgets.

    Signals: ``progressed(float share, str sentence)``; ``fetched(str name)`` all files are in
    place; ``failed(RequestFailed)``. A cancelled download tells nothing: who cancelled knows.
    """

    progressed = Signal(float, str)
    fetched = Signal(str)
    failed = Signal(object)
    _cancel_reached = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._cancels_on_the_way = 0
        self._wanted: threading.Event | None = None  # set: this download is not wished any more
        self._cancel_reached.connect(self._forget_cancel, Qt.ConnectionType.QueuedConnection)

    @Slot(str, str)
    def fetch(self, name: str, data_dir: str) -> None:
        """Begin to fetch a set into ``data_dir`` (or the user's data folder), as was agreed to."""
        with self._lock:
            if self._cancels_on_the_way:
                return  # it was cancelled before this thread had time for it
            if self._wanted is not None and not self._wanted.is_set():
                raise StudioError("A set is being downloaded; wait for it, or cancel it first.")
            self._wanted = unwanted = threading.Event()
        root = Path(data_dir) if data_dir else user_datasets_folder()
        # a daemon: a server that says nothing for 20 s must not keep the program from ending
        threading.Thread(
            target=self._run, args=(name, root, unwanted), name="download", daemon=True
        ).start()

    def cancel(self) -> None:
        """End the download under way or asked for. Thread-safe; returns at once."""
        with self._lock:
            if self._wanted is not None:
                self._wanted.set()
            self._cancels_on_the_way += 1
        self._cancel_reached.emit()  # behind every wish that was sent before

    @Slot()
    def _forget_cancel(self) -> None:
        with self._lock:
            self._cancels_on_the_way -= 1

    def _run(self, name: str, root: Path, unwanted: threading.Event) -> None:
        def progress(share: float, sentence: str) -> bool:
            return self._tell(unwanted, self.progressed.emit, share, sentence)

        try:
            fetch_set(name, root, progress)
        except LoadCancelled:
            return
        except Exception as wrong:
            self._end(unwanted, self.failed.emit, failure(WISH, wrong))
        else:
            self._end(unwanted, self.fetched.emit, name)

    def _tell(self, unwanted: threading.Event, emit: Callable[..., None], *told: object) -> bool:
        """Emit while the download is wished; under the lock, so that nothing follows a cancel."""
        with self._lock:
            if not unwanted.is_set():
                emit(*told)
            return not unwanted.is_set()

    def _end(self, unwanted: threading.Event, emit: Callable[..., None], told: object) -> None:
        self._tell(unwanted, emit, told)
        unwanted.set()
