"""Resizing many pictures at once, to the bit as Pillow would one by one.

Shapes: N pictures, H rows, W columns, C channels (1 or 3), uint8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pictures = NDArray[np.uint8]

ROWS_AT_ONCE = 1 << 18  # keeps one pass of 64-pixel rows near 50 MB


def resized_to_square(pictures_NHWC: Pictures, size: int) -> Pictures:
    """The pictures with their central square scaled to ``size`` × ``size`` pixels.

    Shrinking averages over the covered area and enlarging interpolates linearly: neither
    overshoots, so black stays black and white stays white.
    """
    return resized(centre_square(pictures_NHWC), size, size)


def centre_square(pictures_NHWC: Pictures) -> Pictures:
    """The largest square in the middle of each picture (a view)."""
    height, width = pictures_NHWC.shape[1:3]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pictures_NHWC[:, top : top + side, left : left + side]


def resized(pictures_NHWC: Pictures, height: int, width: int) -> Pictures:
    """The pictures scaled to ``height`` × ``width`` pixels, each axis on its own."""
    wide = _scale_rows(pictures_NHWC, width)
    return np.ascontiguousarray(_scale_rows(wide.swapaxes(1, 2), height).swapaxes(1, 2))


def _scale_rows(pictures_NHWC: Pictures, width: int) -> Pictures:
    """All rows of all pictures as the rows of one tall picture: a separable filter cannot tell."""
    count, height, old_width, channels = pictures_NHWC.shape
    if old_width == width:
        return pictures_NHWC
    rows = pictures_NHWC.reshape(count * height, old_width, channels)
    method = Image.Resampling.BOX if width < old_width else Image.Resampling.BILINEAR
    scaled = np.empty((len(rows), width, channels), np.uint8)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = np.ascontiguousarray(rows[start : start + ROWS_AT_ONCE])
        tall = Image.fromarray(block[..., 0] if channels == 1 else block)
        small = np.asarray(tall.resize((width, len(block)), method))
        scaled[start : start + len(block)] = small.reshape(len(block), width, channels)
    return scaled.reshape(count, height, width, channels)
