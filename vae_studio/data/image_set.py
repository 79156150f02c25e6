"""ImageSet and DataSplits: pictures in memory, and the three sets a run needs.

Shapes: N pictures, C channels (1 grey, 3 RGB), H rows, W columns; uint8, 0 black, 255 white.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures (N, C, H, W), C-contiguous, and their class numbers (N,) or None."""

    images_NCHW: Pictures
    labels_N: Labels | None = None

    def __post_init__(self) -> None:
        images = self.images_NCHW
        if images.dtype != np.uint8 or images.ndim != 4 or not images.flags.c_contiguous:
            raise ValueError(f"images must be contiguous uint8 (N, C, H, W), not {images.shape}")
        if self.labels_N is not None and self.labels_N.shape != images.shape[:1]:
            raise ValueError(f"{len(images)} pictures cannot have {self.labels_N.shape} labels")

    def __len__(self) -> int:
        return len(self.images_NCHW)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        _, channels, height, width = self.images_NCHW.shape
        return channels, height, width

    def slice(self, start: int, stop: int) -> ImageSet:
        """The pictures from ``start`` to before ``stop``, not copied."""
        labels = None if self.labels_N is None else self.labels_N[start:stop]
        return ImageSet(self.images_NCHW[start:stop], labels)

    def take(self, order: NDArray[np.intp]) -> ImageSet:
        """The pictures at these places, copied in this order."""
        labels = None if self.labels_N is None else self.labels_N[order]
        return ImageSet(self.images_NCHW[order], labels)


@dataclass(frozen=True, eq=False)
class DataSplits:
    """What a run learns from (train), watches (validation) and is judged by (test).

    ``name`` is what the run's config holds ("mnist", "folder:scans") and never a path.
    ``fingerprint`` is the SHA-256 (hex) over pictures and labels of all three sets: equal
    fingerprints mean equal data. ``notes`` are sentences the person should see (skipped files).
    """

    name: str
    title: str
    train: ImageSet
    validation: ImageSet
    test: ImageSet
    class_names: tuple[str, ...]
    fingerprint: str
    notes: tuple[str, ...] = ()
    licence: str = ""


def fingerprint_of(*sets: ImageSet) -> str:
    """SHA-256 (64 hex digits) over shapes, pictures and labels of these sets, in this order."""
    digest = hashlib.sha256()
    for part in sets:
        labelled = part.labels_N is not None
        digest.update(f"{part.images_NCHW.shape} labelled={labelled};".encode())
        digest.update(part.images_NCHW.data)
        if part.labels_N is not None:
            digest.update(part.labels_N.astype("<i8").data)
    return digest.hexdigest()
