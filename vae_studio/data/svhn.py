"""SVHN: house numbers from photographs, in two MATLAB files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet
from vae_studio.data.mat5 import read_mat
from vae_studio.data.progress import Progress, report
from vae_studio.data.search import folder_with
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError

FILES = ("train_32x32.mat", "test_32x32.mat")
TEN = 10  # the label of the digit 0


@dataclass(frozen=True)
class SvhnSource:
    """The cropped digits: ``train_32x32.mat`` and ``test_32x32.mat``."""

    entry: DataEntry

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The first folder that holds both files."""
        return folder_with(roots, ("SVHN", "svhn", ""), FILES)

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Training and test pictures; raises StudioError naming the file that is damaged."""
        report(progress, 0.0, f"Reading {self.entry.title}")
        train = read_digits(place / FILES[0])
        report(progress, 0.7, f"Reading {self.entry.title}")
        return SourcePictures(train, read_digits(place / FILES[1]), class_names=tuple("0123456789"))


def read_digits(path: Path) -> ImageSet:
    """The pictures (N, 3, 32, 32) and digits of one file: "X" (32, 32, 3, N) and "y" (N, 1)."""
    arrays = read_mat(path)
    pixels_HWCN, labels = arrays.get("X"), arrays.get("y")
    if (
        pixels_HWCN is None or labels is None or pixels_HWCN.dtype != np.uint8
        or pixels_HWCN.shape != (32, 32, 3, labels.size) or not labels.size
    ):  # fmt: skip
        raise StudioError(f"'{shown(path)}' holds no digits of 32 × 32 pixels; get it again.")
    labels_N = labels.ravel().astype(np.int64)
    if labels_N.min() < 1 or labels_N.max() > TEN:
        raise StudioError(f"'{shown(path)}' has labels beyond 1 to 10; get it again.")
    images_NCHW = np.ascontiguousarray(pixels_HWCN.transpose(3, 2, 0, 1))
    return ImageSet(images_NCHW, labels_N % TEN)


SVHN = SvhnSource(
    DataEntry(
        name="svhn",
        title="SVHN",
        help="73,257 training and 26,032 test pictures of house numbers in the street, 32 × 32 in "
        "colour, cut around one digit each.",
        licence="non-commercial use only, Y. Netzer et al. 2011",
        downloadable=True,
    )
)
