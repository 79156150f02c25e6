"""IDX, the file format of MNIST and its relatives: strict reading and writing.

Format: two zero bytes, a type byte (0x08 = uint8, 0x0C = int32), the number of axes, each axis as a
32-bit count, then the values, all of them big-endian (http://yann.lecun.com/exdb/mnist/, "The IDX
file format").
"""

from __future__ import annotations

import lzma
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

UINT8, INT32 = 0x08, 0x0C
STORED: dict[int, np.dtype] = {UINT8: np.dtype(">u1"), INT32: np.dtype(">i4")}
MAX_AXES = 4
MAX_BYTES = 2**31  # larger than any published IDX set; a header may claim 2^128


def read_idx(path: Path, kind: int = UINT8) -> NDArray:
    """The array in an IDX file, raw or compressed with gzip or xz (told by its content): uint8, or
    int32 where ``kind`` is INT32.

    The header must be right and the values complete to the byte; raises StudioError naming the
    file and the remedy otherwise.
    """
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error
    return idx_array(packed, shown(path), kind)


def idx_array(packed: bytes, name: str, kind: int = UINT8) -> NDArray:
    """As ``read_idx``, from the bytes of a file that goes by ``name`` in a sentence."""
    try:
        return parse_idx(packed, kind)
    except ValueError as wrong:
        raise StudioError(
            f"'{name}' is damaged: {wrong}. Delete it and download it again, or copy it afresh."
        ) from None


def parse_idx(packed: bytes, kind: int = UINT8) -> NDArray:
    """As ``read_idx``, from the bytes of a file; raises ValueError saying what is wrong."""
    content = decompressed(packed)
    shape = _shape_in(content, kind)
    start, size = 4 + 4 * len(shape), math.prod(shape)
    width = STORED[kind].itemsize
    if len(content) != start + size * width:
        found = (len(content) - start) // width
        raise ValueError(f"it should hold {size:,} values and holds {found:,}")
    stored = np.frombuffer(content, STORED[kind], offset=start).reshape(shape)
    return stored.astype(stored.dtype.newbyteorder("="), copy=False)


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """The uncompressed IDX file of an array of bytes."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, UINT8, array.ndim, *array.shape)
    return header + np.ascontiguousarray(array).tobytes()


def decompressed(packed: bytes) -> bytes:
    """The content of gzip, xz or raw bytes; raises ValueError when it is cut or corrupt."""
    if not packed:
        raise ValueError("it is empty")
    try:
        if packed.startswith(b"\x1f\x8b"):
            return _gunzipped(packed)
        if packed.startswith(b"\xfd7zXZ\x00"):
            unpacker = lzma.LZMADecompressor(memlimit=2**28)
            return _complete(unpacker.decompress(packed, MAX_BYTES), unpacker.eof)
    except (zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"it does not decompress ({error})") from None
    return packed


def _gunzipped(packed: bytes) -> bytes:
    # not gzip.decompress: this one tells a cut file from a whole one and caps what a bomb unpacks
    unpacker = zlib.decompressobj(wbits=31)
    return _complete(unpacker.decompress(packed, MAX_BYTES), unpacker.eof)


def _complete(content: bytes, reached_end: bool) -> bytes:
    if not reached_end:
        raise ValueError("it ends too early")
    return content


def _shape_in(content: bytes, wanted: int) -> tuple[int, ...]:
    if len(content) < 4 or content[:2] != b"\0\0":
        raise ValueError("it is not an IDX file")
    kind, axes = content[2], content[3]
    if kind != wanted or not 1 <= axes <= MAX_AXES:
        what = "byte pictures" if wanted == UINT8 else "whole numbers"
        raise ValueError(f"its header (type {kind:#04x}, {axes} axes) is not one of {what}")
    if len(content) < 4 + 4 * axes:
        raise ValueError("it ends within its header")
    return struct.unpack_from(f">{axes}I", content, 4)
