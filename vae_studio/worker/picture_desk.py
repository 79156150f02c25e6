"""The pictures in memory. It does without torch, so that they are there before the engine is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits
from vae_studio.data.patients import mark
from vae_studio.domain.config import DataConfig
from vae_studio.domain.reports import DataLoaded

SHOWN = 32  # pictures in the dock


class PictureDesk:
    """Keeps the set that was loaded last. ``tell(share, sentence)`` hears how far a load is."""

    def __init__(self, tell: Callable[[float, str], None]) -> None:
        self._tell = tell
        self._splits: DataSplits | None = None
        self._asked: tuple[str, int, int] | None = None
        self._data_dir = ""

    @property
    def in_hand(self) -> DataSplits | None:
        """The set that was loaded last, if any."""
        return self._splits

    def mark_patient_data(self, dataset: str, contains: bool) -> None:
        """Remember what the person says of a set, and hold to it from the next run on."""
        mark(dataset, contains)
        if self._splits is not None and self._splits.name == dataset:
            self._splits = replace(self._splits, patient_data=contains)

    def load(self, data: DataConfig, data_dir: str) -> DataSplits:
        """Load a set from here on looked for in ``data_dir``, too; a failure changes nothing."""
        return self._take(data, data_dir)

    def splits(self, data: DataConfig) -> DataSplits:
        """The pictures a config asks for; those in hand if they are the ones."""
        return self._take(data, self._data_dir)

    def _take(self, data: DataConfig, data_dir: str) -> DataSplits:
        asked = (data.dataset, data.size, data.validation)
        if self._splits is None or (self._asked, self._data_dir) != (asked, data_dir):
            splits = load_splits(
                data.dataset, data_dir=Path(data_dir) if data_dir else None,
                size=data.size, validation=data.validation, progress=self._progress,
            )  # fmt: skip
            # by the name it goes by from now on: a folder is asked for by its path only once
            self._asked = (splits.name, data.size, data.validation)
            self._splits, self._data_dir = splits, data_dir
        return self._splits

    def _progress(self, share: float, sentence: str) -> bool:
        self._tell(share, sentence)
        return True


def described(splits: DataSplits) -> DataLoaded:
    """What the window is told about a set. The pictures are what the network sees, as bytes."""
    images = splits.train.images_NCHW[:SHOWN]
    return DataLoaded(
        dataset=splits.name, title=splits.title, train=len(splits.train),
        validation=len(splits.validation), test=len(splits.test), shape=splits.train.shape,
        class_names=splits.class_names,
        pictures=np.ascontiguousarray(images.transpose(0, 2, 3, 1)),
        value_range=(float(images.min()) / 255, float(images.max()) / 255), notes=splits.notes,
        caveat=splits.caveat, patient_data=splits.patient_data,
    )  # fmt: skip
