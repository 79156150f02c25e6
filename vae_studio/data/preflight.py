"""A look at every picture before training: counts, values, copies, and what they advise.

Shapes: N pictures, C channels, H rows, W columns, K classes; uint8.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.advice import advice_on
from vae_studio.data.copies import copies_among
from vae_studio.data.image_set import DataSplits, ImageSet, Pictures
from vae_studio.data.places import PREFIX, folder_of, split_options
from vae_studio.data.survey import survey
from vae_studio.domain.errors import StudioError
from vae_studio.domain.preflight import Files, Part, Preflight

SLICE_BYTES = 1 << 20  # pictures looked at between two breaths: a few milliseconds
DIGEST_BYTES = 8  # two of a million different pictures agree once in 4·10⁷ sets

Slices = Generator[float, None, Preflight]


class PartLook:
    """Reads one part slice by slice: a digest of every picture, and what only sums can tell."""

    def __init__(self, images: ImageSet) -> None:
        self._images = images
        self._digests = bytearray()
        self._whole = hashlib.sha256()
        self.histogram = np.zeros(256, np.int64)
        self.sum_CHW = np.zeros(images.shape, np.int64)
        self.uniform = 0

    @property
    def digests_N(self) -> NDArray[np.uint64]:
        """One number a picture; equal pictures have equal ones."""
        return np.frombuffer(bytes(self._digests), np.uint64)

    def run(self) -> Iterator[int]:
        """Yields the pictures done so far."""
        count = max(1, SLICE_BYTES // int(np.prod(self._images.shape)))
        for start in range(0, len(self._images), count):
            self._take(self._images.images_NCHW[start : start + count])
            yield min(start + count, len(self._images))

    def _take(self, block_NCHW: Pictures) -> None:
        rows_NV = np.ascontiguousarray(block_NCHW).reshape(len(block_NCHW), -1)
        for row in rows_NV:
            self._digests += hashlib.blake2b(row.data, digest_size=DIGEST_BYTES).digest()
        self._whole.update(rows_NV.data)
        self.histogram += counted(rows_NV)
        self.sum_CHW += block_NCHW.sum(axis=0, dtype=np.uint32)
        self.uniform += int((rows_NV.min(axis=1) == rows_NV.max(axis=1)).sum())

    def part(self, name: str, classes: int) -> Part:
        """What is told of it, once it was read."""
        labels_N = self._images.labels_N
        counts = () if labels_N is None else np.bincount(labels_N, minlength=classes).tolist()
        digest = self._whole.copy()
        if labels_N is not None:
            digest.update(labels_N.astype("<i8").data)
        return Part(name, len(self._images), tuple(counts), digest.hexdigest())


def preflight(splits: DataSplits) -> Slices:
    """Look at every picture; yields the share done (0 to 1), so that it can be left at any time.

    70,000 pictures of 28 × 28 take under a second of one thread.
    """
    began = time.thread_time()
    looks = {name: PartLook(images) for name, images in splits.parts.items()}
    total, done = sum(len(images) for images in splits.parts.values()), 0
    for look in looks.values():
        seen = 0
        for seen in look.run():
            yield (done + seen) / max(1, total) * 0.9
        done += seen
    files = yield from _files(splits)
    classes = len(splits.class_names)
    found = Preflight(
        dataset=splits.name,
        title=splits.title,
        shape=splits.train.shape,
        parts=tuple(look.part(name, classes) for name, look in looks.items()),
        class_names=splits.class_names,
        histogram=looks["train"].histogram,
        mean=_mean(looks["train"].sum_CHW, len(splits.train)),
        copies=copies_among(splits, {name: look.digests_N for name, look in looks.items()}),
        uniform=sum(look.uniform for look in looks.values()),
        files=files,
        notes=splits.notes,
        caveat=splits.caveat,
        seconds=time.thread_time() - began,
    )
    return replace(found, advice=advice_on(found))


def looked_over(splits: DataSplits) -> Preflight:
    """``preflight`` in one go."""
    slices = preflight(splits)
    while True:
        try:
            next(slices)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


def place_of(dataset: str) -> Path | None:
    """The folder (or file) behind one's own pictures; None for a set of the catalog, or when it is
    gone.
    """
    if not dataset.startswith(PREFIX):
        return None
    try:
        place = folder_of(split_options(dataset)[0])
    except StudioError:
        return None
    return place.parent if place.suffix.lower() == ".csv" else place


def counted(values_NV: Pictures) -> NDArray[np.int64]:
    """How often each of the 256 values occurs, counted in pairs: half the additions."""
    flat = values_NV.reshape(-1)
    even = len(flat) // 2 * 2
    pairs = np.bincount(flat[:even].view(np.uint16), minlength=1 << 16).reshape(256, 256)
    counts = pairs.sum(axis=0) + pairs.sum(axis=1)
    if even < len(flat):
        counts[flat[-1]] += 1
    return counts


def _files(splits: DataSplits) -> Generator[float, None, Files]:
    """Of the user's own files what their headers say; of other sets their one size."""
    named = [part.names_N for part in splits.parts.values() if part.names_N is not None]
    place = place_of(splits.name)
    if place is None or not named:
        channels, height, width = splits.original
        kind = f"{'RGB' if channels == 3 else 'grey'}, 8 bit"
        total = sum(len(part) for part in splits.parts.values())
        return Files(total, total, ((f"{width} × {height}", total),), ((kind, total),))
    names = sorted({str(name) for names_N in named for name in names_N})
    files = Files(0, len(names), (), ())
    for files in survey(place, names):
        yield 0.9 + 0.1 * files.looked_at / max(1, len(names))
    return files


def _mean(sum_CHW: NDArray[np.int64], count: int) -> Pictures:
    mean_CHW = np.rint(sum_CHW / max(1, count)).astype(np.uint8)
    return np.ascontiguousarray(mean_CHW.transpose(1, 2, 0))
