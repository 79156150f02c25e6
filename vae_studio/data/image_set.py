"""ImageSet and DataSplits: pictures in memory, and the three sets a run needs.

Shapes: N pictures, C channels (1 grey, 3 RGB), H rows, W columns; uint8, 0 black, 255 white;
F factors that made a picture, A attributes it has or has not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.cache_file import blocks_of

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]
Factors = NDArray[np.int64]
Attributes = NDArray[np.uint8]
Names = NDArray[np.object_]  # of str

#: Draws the pictures (N, C, H, W) of any factors (N, F).
Drawer = Callable[[Factors], Pictures]


@dataclass(frozen=True)
class Factor:
    """One thing that varies between drawn pictures; its values are 0 to ``size`` − 1."""

    name: str
    size: int


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures (N, C, H, W), C-contiguous, in memory or mapped from a file, and what is known of
    each, or None: its class number (N,), the values of the factors it was drawn from (N, F), its
    attributes (N, A), 0 or 1, and the name (N,) of the file it came from, below the folder that was
    read.
    """

    images_NCHW: Pictures
    labels_N: Labels | None = None
    factors_NF: Factors | None = None
    attributes_NA: Attributes | None = None
    names_N: Names | None = None

    def __post_init__(self) -> None:
        images = self.images_NCHW
        scattered = isinstance(images, np.ndarray) and not images.flags.c_contiguous
        if images.dtype != np.uint8 or images.ndim != 4 or scattered:
            raise ValueError(f"images must be contiguous uint8 (N, C, H, W), not {images.shape}")
        if self.labels_N is not None and self.labels_N.shape != images.shape[:1]:
            raise ValueError(f"{len(images)} pictures cannot have {self.labels_N.shape} labels")
        for known in (self.factors_NF, self.attributes_NA):
            if known is not None and (known.ndim != 2 or len(known) != len(images)):
                raise ValueError(f"{len(images)} pictures cannot have {known.shape} values")

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
        return ImageSet(
            self.images_NCHW[order],
            None if self.labels_N is None else self.labels_N[order],
            None if self.factors_NF is None else self.factors_NF[order],
            None if self.attributes_NA is None else self.attributes_NA[order],
            None if self.names_N is None else self.names_N[order],
        )

    def showing(self, images_NCHW: Pictures) -> ImageSet:
        """The same facts with other pictures of the same things, such as smaller ones."""
        return replace(self, images_NCHW=images_NCHW)


@dataclass(frozen=True, eq=False)
class DataSplits:
    """What a run learns from (train), watches (validation) and is judged by (test).

    ``name`` is what the run's config holds ("mnist", "folder:scans") and never a path.
    ``fingerprint`` is the SHA-256 (hex) over pictures and labels of all three sets: equal
    fingerprints mean equal data. ``notes`` are sentences the person should see (skipped files).
    ``factors`` name the columns of ``factors_NF`` and ``drawer`` draws any values of them, where
    pictures are drawn; ``attribute_names`` name the columns of ``attributes_NA``. ``caveat`` is a
    word that belongs on every number from these pictures ("not the official file"), or empty.
    ``original`` is (C, H, W) as the source has its pictures, before they were resized.
    ``patient_data``: the person says so, or the files are DICOM.
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
    factors: tuple[Factor, ...] = ()
    drawer: Drawer | None = None
    attribute_names: tuple[str, ...] = ()
    caveat: str = ""
    original: tuple[int, int, int] = (0, 0, 0)
    patient_data: bool = False

    @property
    def parts(self) -> dict[str, ImageSet]:
        """The three sets by their names."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


def fingerprint_of(*sets: ImageSet) -> str:
    """SHA-256 (64 hex digits) over these sets in this order: shapes, pictures, labels, and factors
    and attributes where there are any.
    """
    digest = hashlib.sha256()
    for part in sets:
        labelled = part.labels_N is not None
        digest.update(f"{part.images_NCHW.shape} labelled={labelled};".encode())
        for block_NCHW in blocks_of(part.images_NCHW):
            digest.update(block_NCHW.data)
        _add_facts(digest, part)
    return digest.hexdigest()


def facts_digest(*sets: ImageSet) -> str:
    """As ``fingerprint_of`` without the pixels: what is known of the pictures, in their order."""
    digest = hashlib.sha256()
    for part in sets:
        digest.update(f"{part.images_NCHW.shape} labelled={part.labels_N is not None};".encode())
        _add_facts(digest, part)
    return digest.hexdigest()


def _add_facts(digest: hashlib._Hash, part: ImageSet) -> None:
    if part.labels_N is not None:
        digest.update(part.labels_N.astype("<i8").data)
    for known in (part.factors_NF, part.attributes_NA):
        if known is not None:
            digest.update(f"{known.shape} {known.dtype};".encode())
            digest.update(np.ascontiguousarray(known).data)
