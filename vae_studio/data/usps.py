"""USPS: digits from envelopes, as text in the LIBSVM format, packed with bzip2.

A line is a label and "index:value" pairs; labels are 1 to 10 for the digits 0 to 9, indices count
from 1, values lie in −1 to 1 (https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/, "usps").
"""

from __future__ import annotations

import bz2
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet
from vae_studio.data.progress import Progress, report
from vae_studio.data.search import folder_with
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

SIDE = 16
MOST_BYTES = 2**27  # unpacked; the larger file has 37 MB
FILES = ("usps.bz2", "usps.t.bz2")


@dataclass(frozen=True)
class UspsSource:
    """The two files ``usps.bz2`` (training) and ``usps.t.bz2`` (test)."""

    entry: DataEntry

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The first folder that holds both files."""
        return folder_with(roots, ("USPS", "usps", ""), FILES)

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Training and test pictures; raises StudioError naming the file that is damaged."""
        report(progress, 0.0, f"Reading {self.entry.title}")
        train = read_libsvm(place / FILES[0])
        report(progress, 0.8, f"Reading {self.entry.title}")
        return SourcePictures(train, read_libsvm(place / FILES[1]), class_names=tuple("0123456789"))


def read_libsvm(path: Path) -> ImageSet:
    """The pictures (N, 1, 16, 16) and digits of one file."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error
    try:
        unpacker = bz2.BZ2Decompressor()
        text = unpacker.decompress(packed, MOST_BYTES)
        if not unpacker.eof:
            raise ValueError("it ends too early")
        return _parsed(text.decode("ascii"))
    except (OSError, ValueError) as wrong:  # bz2 calls damage an OSError
        raise StudioError(
            f"'{shown(path)}' is damaged: {wrong}. Delete it and download it again."
        ) from None


def _parsed(text: str) -> ImageSet:
    lines = text.splitlines()
    if not lines:
        raise ValueError("it is empty")
    values_NP = np.zeros((len(lines), SIDE * SIDE))
    labels_N = np.empty(len(lines), np.int64)
    for row, line in enumerate(lines):
        label, _, pairs = line.partition(" ")
        numbers = np.array(pairs.replace(":", " ").split(), np.float64)
        at, values = numbers[0::2].astype(np.int64) - 1, numbers[1::2]
        if len(at) != len(values) or (at < 0).any() or (at >= SIDE * SIDE).any():
            raise ValueError(f"line {row + 1} is no picture of {SIDE} × {SIDE} pixels")
        labels_N[row] = int(label) - 1
        values_NP[row, at] = values
    if not (abs(values_NP) <= 1).all() or labels_N.min() < 0 or labels_N.max() > 9:
        raise ValueError("it has values beyond −1 to 1, or labels beyond 1 to 10")
    pixels_NP = np.rint((values_NP + 1) / 2 * 255).astype(np.uint8)
    return ImageSet(pixels_NP.reshape(-1, 1, SIDE, SIDE), labels_N)


USPS = UspsSource(
    DataEntry(
        name="usps",
        title="USPS",
        help="7,291 training and 2,007 test pictures of digits from envelopes, 16 × 16 grey: the "
        "smallest of the families, and quickly learnt.",
        licence="none stated; J. J. Hull 1994, by way of the LIBSVM collection",
        downloadable=True,
    )
)
