"""Reading arrays of numbers out of MATLAB 5 files, and nothing else: no objects, no code.

Format: "MAT-File Format", The MathWorks, level 5: a header of 128 bytes, then elements of a type,
a size and values, each padded to eight bytes; an array is an element of elements.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

HEADER_BYTES = 128
MOST_BYTES = 2**31  # of one array, unpacked
MATRIX, COMPRESSED = 14, 15
NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
NUMERIC_CLASSES = range(6, 16)  # double to uint64; others are text, cells, structures, objects


def read_mat(path: Path) -> dict[str, NDArray]:
    """Every array of numbers in a file by its name; raises StudioError naming the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error
    if content.startswith(b"MATLAB 7.3") or content.startswith(b"\x89HDF"):
        raise StudioError(f"'{shown(path)}' is a MATLAB 7.3 file; save it again with '-v7'.")
    try:
        return dict(_arrays(content))
    except (ValueError, struct.error, zlib.error, IndexError) as wrong:
        raise StudioError(
            f"'{shown(path)}' is damaged or no MATLAB 5 file ({wrong}); get it again."
        ) from None


def _arrays(content: bytes) -> Iterator[tuple[str, NDArray]]:
    marks = {b"IM": "<", b"MI": ">"}
    order = marks.get(content[126:128])
    if order is None:
        raise ValueError("its header is not one")
    for kind, value in _elements(memoryview(content)[HEADER_BYTES:], order):
        if kind == COMPRESSED:
            unpacker = zlib.decompressobj()
            whole = unpacker.decompress(value, MOST_BYTES)
            if not unpacker.eof:
                raise ValueError("it ends too early")
            kind, value = next(_elements(memoryview(whole), order))
        if kind == MATRIX:
            yield from _matrix(value, order)


def _elements(content: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at < len(content):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        if kind >> 16:  # a small element: size, type and up to four bytes of values in eight bytes
            kind, size, start, after = kind & 0xFFFF, kind >> 16, at + 4, at + 8
        else:
            start, after = at + 8, at + 8 + size
            after += 0 if kind == COMPRESSED else -size % 8
        if start + size > len(content) or (start == at + 4 and size > 4):
            raise ValueError("it ends too early")
        yield kind, content[start : start + size]
        at = after


def _matrix(content: memoryview, order: str) -> Iterator[tuple[str, NDArray]]:
    parts = _elements(content, order)
    (_, flags), (_, sides), (_, name) = next(parts), next(parts), next(parts)
    (word,) = struct.unpack_from(f"{order}I", flags)
    is_complex = word & 0x0800
    if word & 0xFF not in NUMERIC_CLASSES or is_complex:
        return
    kind, values = next(parts)
    if kind not in NUMBERS:
        raise ValueError(f"values of type {kind} are unknown")
    array = np.frombuffer(values, np.dtype(order + NUMBERS[kind]))
    shape = struct.unpack(f"{order}{len(sides) // 4}i", sides)
    if min(shape) < 0 or math.prod(shape) != len(array):
        raise ValueError(f"{len(array):,} values do not fill {shape}")
    yield bytes(name).decode("ascii", "replace"), array.reshape(shape, order="F")
