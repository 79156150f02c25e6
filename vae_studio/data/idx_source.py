"""Sets of four IDX files: MNIST, Fashion-MNIST and everything laid out like them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.idx import UINT8, idx_array, read_idx
from vae_studio.data.image_set import ImageSet
from vae_studio.data.members import read_members
from vae_studio.data.progress import Progress, report
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError

#: Stems of the four files: training pictures and labels, test pictures and labels.
STEMS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")  # fmt: skip
EMNIST_STEMS = ("emnist-balanced-train-images-idx3-ubyte",
                "emnist-balanced-train-labels-idx1-ubyte",
                "emnist-balanced-test-images-idx3-ubyte",
                "emnist-balanced-test-labels-idx1-ubyte")  # fmt: skip
QMNIST_STEMS = ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int",
                "qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int")  # fmt: skip
PACKINGS = ("", ".gz", ".xz")  # an unpacked file is preferred: it loads fastest


@dataclass(frozen=True)
class IdxSource:
    """One family of four IDX files.

    ``folders`` are tried under each root, then the root itself. ``first_labels`` are the first
    test labels: MNIST and its relatives share their file names, and a folder without the set's
    name must not pass for another set. Sets that spell their files otherwise have their ``stems``.
    ``archive`` is a file that holds the four, where the publisher packs them. ``label_kind`` INT32:
    the label is the first of several numbers. ``transposed``: rows are stored as columns.
    """

    entry: DataEntry
    folders: tuple[str, ...]
    class_names: tuple[str, ...]
    first_labels: tuple[int, ...] = ()
    stems: tuple[str, str, str, str] = STEMS
    archive: str = ""
    label_kind: int = UINT8
    transposed: bool = False

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The first folder that holds all four files of this set, or its archive, or None."""
        for root in roots:
            named = [root / folder for folder in self.folders]
            for place in named:
                if self._holds_all(place):
                    return place
            if self._holds_all(root) and self._is_this_set(root):
                return root
            for place in (*named, root):
                if self.archive and os.path.isfile(place / self.archive):
                    return place / self.archive
        return None

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Training and test pictures; raises StudioError naming the file that is damaged."""
        report(progress, 0.0, f"Reading {self.entry.title}")
        train = self._read_pair(place, *self.stems[:2])
        report(progress, 0.8, f"Reading {self.entry.title}")
        test = self._read_pair(place, *self.stems[2:])
        if train.shape != test.shape:
            raise StudioError(
                f"'{shown(place)}' mixes two sets: training pictures of "
                f"{train.shape[1:]} pixels and test pictures of {test.shape[1:]}."
            )
        return SourcePictures(train, test, class_names=self.class_names)

    def _holds_all(self, place: Path) -> bool:
        return all(next(_files(place, stem), None) for stem in self.stems)

    def _is_this_set(self, place: Path) -> bool:
        if self.stems != STEMS:
            return True
        try:
            labels = read_idx(next(_files(place, STEMS[3])))
        except StudioError:
            return bool(self.first_labels)  # reading it will say what is wrong
        first = tuple(labels[: len(self.first_labels)].tolist())
        return bool(first) and first == self.first_labels

    def _read_pair(self, place: Path, picture_stem: str, label_stem: str) -> ImageSet:
        (picture_file, pictures_NHW), (label_file, labels_N) = (
            _array(place, picture_stem, UINT8), _array(place, label_stem, self.label_kind)
        )  # fmt: skip
        if labels_N.ndim > 1:
            labels_N = labels_N[:, 0]
        if pictures_NHW.ndim != 3 or not pictures_NHW.size:
            raise StudioError(f"'{shown(picture_file)}' holds no grey pictures.")
        if labels_N.shape != pictures_NHW.shape[:1]:
            raise StudioError(
                f"'{shown(label_file)}' holds {len(labels_N):,} labels for the "
                f"{len(pictures_NHW):,} pictures in {picture_file.name}; "
                "the two files do not belong together."
            )
        check_labels(labels_N, len(self.class_names), label_file, self.entry.title)
        if self.transposed:
            pictures_NHW = pictures_NHW.swapaxes(1, 2)
        # a copy, because torch warns about memory that cannot be written, as a file's bytes
        return ImageSet(pictures_NHW[:, None].copy(), labels_N.astype(np.int64))


def check_labels(labels_N: NDArray, classes: int, file: Path, title: str) -> None:
    """Raise StudioError for a label that a set of so many classes cannot have."""
    for label in (labels_N.min(), labels_N.max()):
        if not 0 <= label < classes:
            raise StudioError(
                f"'{shown(file)}' has the label {label}; {title} has {classes} classes."
            )


def _array(place: Path, stem: str, kind: int) -> tuple[Path, NDArray]:
    """One of the four arrays and the file it lies in."""
    if os.path.isfile(place):
        name = stem + ".gz"
        file = place / name
        return file, idx_array(read_members(place, [name])[name], shown(file), kind)
    file = _file(place, stem)
    return file, read_idx(file, kind)


def _files(place: Path, stem: str) -> Iterator[Path]:
    # both spellings are about: torchvision writes "-idx3", some mirrors ".idx3"
    for spelling in (stem, stem.replace("-idx", ".idx")):
        for packing in PACKINGS:
            path = place / (spelling + packing)
            if os.path.isfile(path):  # Path.is_file raises where a folder is closed to us
                yield path


def _file(place: Path, stem: str) -> Path:
    path = next(_files(place, stem), None)
    if path is None:
        raise StudioError(f"'{shown(place)}' no longer holds {stem}.")
    return path
