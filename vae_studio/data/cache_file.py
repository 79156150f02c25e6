"""Pictures in a file of plain bytes: mapped for looking, read row by row for learning.

A batch is read and not mapped, for two reasons: mapped pages count as memory of this process, which
would grow with every batch; and a mapped file that loses its end kills the process, where a read is
a sentence.

Shapes: N pictures in the file, B of them wanted, C channels, H rows, W columns; uint8.
"""

from __future__ import annotations

import mmap
import os
import threading
import weakref
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

Pictures = NDArray[np.uint8]
Rows = NDArray[np.intp]
Sums = NDArray[np.uint32]

BLOCK_BYTES = 8 << 20  # read at a time where everything is read

_one_reader = threading.Lock()  # where the system cannot read at a place, seeking must not mix


class PictureFile:
    """``count`` pictures of ``shape`` (C, H, W), one after the other; ``sums_N`` (N,), where they
    are known, are the CRC-32 of each. Reading is thread-safe and raises StudioError for a file that
    is gone or has changed.
    """

    def __init__(
        self, path: Path, shape: tuple[int, int, int], count: int, sums_N: Sums | None = None
    ) -> None:
        self.path, self.shape, self.count, self._sums_N = path, shape, count, sums_N
        self._picture_bytes = int(np.prod(shape))
        try:
            self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise cannot("read", path, error) from error
        self._close = weakref.finalize(self, os.close, self._file)
        if os.fstat(self._file).st_size != count * self._picture_bytes:
            self._close()
            raise self.changed(0)

    def __len__(self) -> int:
        return self.count

    def read(self, rows_B: Rows, out_BCHW: Pictures) -> Pictures:
        """The pictures in these rows, in this order, into the beginning of ``out_BCHW``."""
        for place in np.argsort(rows_B):  # in the order of the disk
            self._read_one(int(rows_B[place]), out_BCHW[place])
        return out_BCHW[: len(rows_B)]

    def read_slice(self, start: int, stop: int) -> Pictures:
        """The pictures from ``start`` to before ``stop`` (B, C, H, W)."""
        pictures = np.empty((stop - start, *self.shape), np.uint8)
        self._fill(pictures, start)
        for row in range(start, stop):
            self._check(row, pictures[row - start])
        return pictures

    def mapped(self) -> Pictures:
        """All pictures (N, C, H, W) as a read-only ``numpy.memmap``."""
        try:
            pictures_NCHW = np.memmap(self.path, np.uint8, "r", shape=(len(self), *self.shape))
        except OSError as error:
            raise cannot("read", self.path, error) from error
        _files[_root(pictures_NCHW)[1]] = self  # type: ignore[index]
        return pictures_NCHW

    def changed(self, row: int) -> StudioError:
        """The sentence for a damaged row; the file goes, so that it is made again."""
        with suppress(OSError):
            self.path.unlink()
        return StudioError(
            f"The prepared pictures in '{shown(self.path)}' were changed or damaged on the disk "
            f"(picture {row:,}); load the set again and they are made anew."
        )

    def _read_one(self, row: int, into_CHW: Pictures) -> None:
        self._fill(into_CHW, row)
        self._check(row, into_CHW)

    def _fill(self, into: Pictures, row: int) -> None:
        view, at = into.reshape(-1).data, row * self._picture_bytes
        while view:
            try:
                count = _read_at(self._file, view, at)
            except OSError as error:
                raise cannot("read", self.path, error) from error
            if count == 0:
                raise self.changed(row)
            view, at = view[count:], at + count

    def _check(self, row: int, picture_CHW: Pictures) -> None:
        if self._sums_N is not None and zlib.crc32(picture_CHW.data) != self._sums_N[row]:
            raise self.changed(row)


#: The file behind each map.
_files: weakref.WeakKeyDictionary[mmap.mmap, PictureFile] = weakref.WeakKeyDictionary()


def file_behind(images_NCHW: Pictures) -> tuple[PictureFile, int] | None:
    """The file that a slice of mapped pictures comes from and the row it begins at; None for
    pictures that are in memory.
    """
    root, map_ = _root(images_NCHW)
    file = _files.get(map_) if map_ is not None else None
    if file is None or images_NCHW.shape[1:] != file.shape or not images_NCHW.flags.c_contiguous:
        return None
    offset = images_NCHW.ctypes.data - root.ctypes.data
    return file, offset // int(np.prod(file.shape))


def blocks_of(images_NCHW: Pictures) -> Iterator[Pictures]:
    """All pictures, some at a time; of a file they are read, so that none stay in memory."""
    behind = file_behind(images_NCHW)
    at_once = max(1, BLOCK_BYTES // max(1, images_NCHW[:1].nbytes))
    for start in range(0, len(images_NCHW), at_once):
        stop = min(start + at_once, len(images_NCHW))
        if behind is None:
            yield images_NCHW[start:stop]
        else:
            file, first = behind
            yield file.read_slice(first + start, first + stop)


def _root(array: Pictures) -> tuple[Pictures, mmap.mmap | None]:
    """The array that owns the memory of ``array``, and the map it lies in, if any."""
    root = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    return root, root.base if isinstance(root.base, mmap.mmap) else None


def _read_at(file: int, view: memoryview, at: int) -> int:
    """Bytes read into ``view`` from place ``at``; 0 at the end of the file."""
    if hasattr(os, "preadv"):
        return os.preadv(file, [view], at)
    with _one_reader:
        os.lseek(file, at, os.SEEK_SET)
        content = os.read(file, len(view))
    view[: len(content)] = content
    return len(content)
