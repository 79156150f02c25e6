"""CIFAR-10, from its binary files or from its Python files; no pickle is ever run.

A binary record is a label and 3 × 32 × 32 bytes. A Python file is a pickle of one dictionary: its
operations are listed and the two values in it are picked from the list, nothing is called.
Format: https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import os
import pickletools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet
from vae_studio.data.members import read_members
from vae_studio.data.progress import Progress, report
from vae_studio.data.search import folder_with
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError

SHAPE = (3, 32, 32)
BYTES = 3 * 32 * 32
CLASSES = ("airplane", "automobile", "bird", "cat", "deer",
           "dog", "frog", "horse", "ship", "truck")  # fmt: skip
TRAIN, TEST = tuple(f"data_batch_{number}" for number in range(1, 6)), "test_batch"
NUMBERS = ("BININT1", "BININT2", "BININT", "INT")
BINARY, PYTHON = ".bin", ""  # the endings of their files
FOLDERS = {
    "cifar-10-batches-bin": BINARY, "cifar-10-batches-py": PYTHON,
    "cifar-10-binary.tar.gz": BINARY, "cifar-10-python.tar.gz": PYTHON,
}  # fmt: skip


@dataclass(frozen=True)
class CifarSource:
    """The two folders and the two archives that CIFAR-10 comes in."""

    entry: DataEntry

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The first folder, else the first archive."""
        for root in roots:
            for below in ("", "CIFAR10", "cifar10", "CIFAR-10", "cifar-10"):
                for name, ending in FOLDERS.items():
                    place = root / below / name
                    files = [batch + ending for batch in (*TRAIN, TEST)]
                    if os.path.isfile(place) or folder_with([place], [""], files):
                        return place
        return None

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Training and test pictures; raises StudioError naming the file that is damaged."""
        report(progress, 0.0, f"Reading {self.entry.title}")
        ending = FOLDERS[place.name]
        files = read_members(place, [batch + ending for batch in (*TRAIN, TEST)])
        report(progress, 0.6, f"Reading {self.entry.title}")
        parts = {}
        for name, content in files.items():
            try:
                parts[name.removesuffix(BINARY)] = READERS[ending](content)
            except ValueError as wrong:
                raise StudioError(
                    f"'{name}' in '{shown(place)}' is damaged: {wrong}. Get it again."
                ) from None
        train = _joined([parts[batch] for batch in TRAIN])
        return SourcePictures(train, parts[TEST], class_names=CLASSES)


def read_binary(content: bytes) -> ImageSet:
    """The pictures of one binary file; ValueError when it is cut."""
    if not content or len(content) % (BYTES + 1):
        raise ValueError(f"its {len(content):,} bytes are not whole pictures")
    records_NB = np.frombuffer(content, np.uint8).reshape(-1, BYTES + 1)
    return _image_set(records_NB[:, 1:], records_NB[:, 0])


def read_python(content: bytes) -> ImageSet:
    """The pictures of one Python file, from the list of its operations; ValueError when the list
    does not hold one long text (the pixels) and as many numbers after the word "labels".
    """
    pixels, labels, follows_labels = b"", bytearray(), False
    try:
        for operation, value, _ in pickletools.genops(content):
            if isinstance(value, str | bytes):
                text = value.encode("latin-1") if isinstance(value, str) else value
                follows_labels = text == b"labels"
                pixels = text if len(text) > len(pixels) else pixels
            elif follows_labels and isinstance(value, int) and operation.name in NUMBERS:
                labels.append(value)
    except (ValueError, IndexError) as wrong:
        raise ValueError(f"it is no pickle ({wrong})") from None
    if not labels or len(pixels) != BYTES * len(labels):
        raise ValueError(f"{len(pixels):,} bytes of pixels and {len(labels):,} labels")
    pixels_NB = np.frombuffer(pixels, np.uint8).reshape(-1, BYTES)
    return _image_set(pixels_NB, np.frombuffer(labels, np.uint8))


READERS: Mapping[str, Callable[[bytes], ImageSet]] = {BINARY: read_binary, PYTHON: read_python}


def _image_set(pixels_NB: np.ndarray, labels_N: np.ndarray) -> ImageSet:
    if labels_N.max() >= len(CLASSES):
        raise ValueError(f"it has the label {labels_N.max()}, and there are {len(CLASSES)} classes")
    return ImageSet(pixels_NB.reshape(-1, *SHAPE).copy(), labels_N.astype(np.int64))


def _joined(parts: Sequence[ImageSet]) -> ImageSet:
    return ImageSet(
        np.concatenate([part.images_NCHW for part in parts]),
        np.concatenate([part.labels_N for part in parts if part.labels_N is not None]),
    )


CIFAR10 = CifarSource(
    DataEntry(
        name="cifar10",
        title="CIFAR-10",
        help="50,000 training and 10,000 test photographs of ten kinds of things, 32 × 32 in "
        "colour. Binary files, Python files and the packed archives are all read.",
        licence="none stated; A. Krizhevsky 2009",
        downloadable=True,
    )
)
