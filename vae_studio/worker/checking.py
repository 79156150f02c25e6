"""The look at all pictures, a slice at a time beside everything else on the worker's thread."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_studio.data.image_set import DataSplits
from vae_studio.data.preflight import Slices, preflight
from vae_studio.domain.phase import Phase
from vae_studio.worker.guard import failure, reports_failure
from vae_studio.worker.picture_desk import PictureDesk

WISH = "check the pictures"
SHARE = 0.03  # of the thread's time while a run is under way; a slice takes some milliseconds


class Checking(QObject):
    """Checks the pictures in hand, one slice per turn of the thread's event loop, and shows them.

    Signals: ``progressed(str dataset, float share)``; ``checked(Preflight)``; ``opened(object)``
    the DataSplits, for who looks at single pictures (they are never changed, so that two threads
    may read them); ``request_failed(RequestFailed)``.
    """

    progressed = Signal(str, float)
    checked = Signal(object)
    opened = Signal(object)
    request_failed = Signal(object)

    def __init__(self, desk: PictureDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._slices: Slices | None = None
        self._begun: DataSplits | None = None
        self._dataset = ""
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._turn)

    @Slot()
    @reports_failure(WISH)
    def begin(self) -> None:
        """Look at the pictures in hand, from the first one on; nothing without pictures."""
        self._begun = splits = self._desk.in_hand
        if splits is not None:
            self._slices, self._dataset = preflight(splits), splits.name
            self._timer.start(0)

    @Slot()
    def note_data(self) -> None:
        """Pictures are in hand; those that were looked at already are not looked at again."""
        if self._desk.in_hand is not self._begun:
            self.begin()

    @Slot()
    def cancel(self) -> None:
        """Leave the rest unseen."""
        self._slices = None
        self._timer.stop()

    @Slot()
    @reports_failure("show the pictures")
    def open(self) -> None:
        """Hand the pictures in hand over to be looked at."""
        splits = self._desk.in_hand
        if splits is not None:
            self.opened.emit(splits)

    @Slot(str, bool)
    @reports_failure("remember what the pictures are")
    def mark_patient_data(self, dataset: str, contains: bool) -> None:
        """The person says whether a set contains patient data."""
        looked_at = self._begun is self._desk.in_hand
        self._desk.mark_patient_data(dataset, contains)
        self._begun = self._desk.in_hand if looked_at else self._begun

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """A run under way comes first."""
        self._busy = phase in (Phase.PREPARING, Phase.RUNNING)

    @Slot()
    def _turn(self) -> None:
        if self._slices is None:
            return
        began = time.thread_time()
        try:
            share = next(self._slices)
        except StopIteration as done:
            self._slices = None
            self.checked.emit(done.value)
        except Exception as wrong:
            self._slices = None
            self.request_failed.emit(failure(WISH, wrong))
        else:
            self.progressed.emit(self._dataset, share)
            spent_ms = (time.thread_time() - began) * 1e3
            self._timer.start(round(spent_ms / SHARE) if self._busy else 0)
