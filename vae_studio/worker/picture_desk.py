"""The pictures in memory. It does without torch, so that they are there before the engine is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits
from vae_studio.domain.config import DataConfig
from vae_studio.domain.reports import DataLoaded

SHOWN = 32  # pictures in the dock


class PictureDesk:
    """Keeps the set that was loaded last.

    ``tell(share, sentence)`` hears how far a long load is. ``cancelled`` may be set from any
    thread: it is the one flag between threads, because a download blocks the event loop.
    """

    def __init__(self, tell: Callable[[float, str], None]) -> None:
        self._tell = tell
        self.cancelled = threading.Event()
        self._splits: DataSplits | None = None
        self._asked: DataConfig | None = None
        self._data_dir = ""

    def load(self, data: DataConfig, data_dir: str, *, download: bool = False) -> DataSplits:
        """Load a set, fetching it only when ``download`` says the person agreed to that."""
        if data_dir != self._data_dir:
            self._asked = None
        self._data_dir = data_dir
        return self.splits(data, download=download)

    def splits(self, data: DataConfig, *, download: bool = False) -> DataSplits:
        """The pictures a config asks for; those in hand if they are the ones."""
        if self._splits is None or self._asked != data:
            self.cancelled.clear()
            self._splits = load_splits(
                data.dataset, data_dir=Path(self._data_dir) if self._data_dir else None,
                size=data.size, validation=data.validation, download=download,
                progress=self._progress,
            )  # fmt: skip
            self._asked = data
        return self._splits

    def _progress(self, share: float, sentence: str) -> bool:
        self._tell(share, sentence)
        return not self.cancelled.is_set()


def described(splits: DataSplits) -> DataLoaded:
    """What the window is told about a set. The pictures are what the network sees, as bytes."""
    images = splits.train.images_NCHW[:SHOWN]
    return DataLoaded(
        dataset=splits.name, title=splits.title, train=len(splits.train),
        validation=len(splits.validation), test=len(splits.test), shape=splits.train.shape,
        class_names=splits.class_names,
        pictures=np.ascontiguousarray(images.transpose(0, 2, 3, 1)),
        value_range=(float(images.min()) / 255, float(images.max()) / 255), notes=splits.notes,
    )  # fmt: skip
