"""A huge PNG of ours, shrunk in small steps: a preview of a poster must not hold up the window.

Reads only what ``imaging.encode`` writes: 8 bits, every line filtered "Up", one IDAT chunk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vae_studio.imaging.encode import COLOUR_TYPES, SIGNATURE, UP
from vae_studio.imaging.tile import Pixels

STEP_BYTES = 1 << 19  # unpacked at a time: about four milliseconds
_CHANNELS = {colour_type: channels for channels, colour_type in COLOUR_TYPES.items()}


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height that the header claims. ValueError for what is not a PNG."""
    if not png.startswith(SIGNATURE) or png[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


def shrink_steps(png: bytes, longest_px: int) -> Iterator[Pixels | None]:
    """None after every step but the last, then the picture (H, W, C) with sides ≤ ``longest_px``.

    Every pixel of the answer is the mean of a square; a rest at the right and lower edge that
    fills no square is left out. ValueError for a PNG that is not ours.
    """
    width, height = png_size(png)
    channels = _CHANNELS.get(png[25], 0)
    factor = max(1, -(-max(width, height) // longest_px))
    if not channels or min(width, height) < factor:
        raise ValueError("not a PNG of ours")
    bands = []
    for lines in _squares_of_lines(png, height, width * channels, factor):
        if lines is None:
            yield None
            continue
        whole = lines[:, : width // factor * factor * channels]
        cells = whole.reshape(-1, factor, width // factor, factor, channels)
        bands.append(np.rint(cells.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8))
    yield np.concatenate(bands)


def _squares_of_lines(
    png: bytes, height: int, line_bytes: int, factor: int
) -> Iterator[NDArray[np.uint8] | None]:
    """Unfiltered lines, a multiple of ``factor`` at a time, each followed by a None."""
    unpacker, packed = zlib.decompressobj(), _image_data(png)
    step = max(1, STEP_BYTES // ((1 + line_bytes) * factor)) * factor
    above = np.zeros(line_bytes, np.uint8)
    for top in range(0, height - factor + 1, step):
        count = min(step, (height - top) // factor * factor)
        filtered = _exactly(unpacker, packed, count * (1 + line_bytes)).reshape(count, -1)
        packed = b""
        if (filtered[:, 0] != UP).any():
            raise ValueError("not a PNG of ours")
        filtered[0, 1:] += above
        lines = np.add.accumulate(filtered[:, 1:], axis=0, dtype=np.uint8)
        above = lines[-1]
        yield lines
        yield None


def _exactly(unpacker: zlib._Decompress, packed: bytes, count: int) -> NDArray[np.uint8]:
    try:
        raw = unpacker.decompress(packed or unpacker.unconsumed_tail, count)
    except zlib.error as wrong:
        raise ValueError("the PNG is damaged") from wrong
    if len(raw) != count:
        raise ValueError("the PNG is torn")
    return np.frombuffer(bytearray(raw), np.uint8)


def _image_data(png: bytes) -> bytes:
    at = len(SIGNATURE)
    while at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind == b"IDAT":
            return png[at + 8 : at + 8 + length]
        at += length + 12
    raise ValueError("the PNG holds no pixels")
