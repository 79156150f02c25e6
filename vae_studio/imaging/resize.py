"""Resizing many pictures at once, to the bit as Pillow would one by one.

Shapes: N pictures, H rows, W columns, C channels (1 or 3), uint8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pictures = NDArray[np.uint8]

BLOCK_BYTES = 8 << 20  # pictures resized together: much smaller is slow, larger only costs memory


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
    """The pictures scaled to ``height`` × ``width`` pixels, each axis with its own filter."""
    count, _, _, channels = pictures_NHWC.shape
    scaled = np.empty((count, height, width, channels), np.uint8)
    if count == 1 and (height < pictures_NHWC.shape[1]) == (width < pictures_NHWC.shape[2]):
        scaled[0] = _pillow_resized(pictures_NHWC[0], width, height)  # one filter, so one call
        return scaled
    largest = max(pictures_NHWC[:1].nbytes, height * width * channels)
    at_once = max(1, BLOCK_BYTES // largest)
    for start in range(0, count, at_once):
        block = pictures_NHWC[start : start + at_once]
        scaled[start : start + at_once] = _scale_columns(_scale_rows(block, width), height)
    return scaled


def _scale_rows(block_NHWC: Pictures, width: int) -> Pictures:
    """Pictures stacked on top of each other: rows are scaled without knowing of one another."""
    count, height, old_width, channels = block_NHWC.shape
    tall = block_NHWC.reshape(count * height, old_width, channels)
    scaled = _pillow_resized(tall, width, len(tall))
    return scaled.reshape(count, height, width, channels)


def _scale_columns(block_NHWC: Pictures, height: int) -> Pictures:
    """Pictures side by side: columns are scaled without knowing of one another."""
    count, old_height, width, channels = block_NHWC.shape
    wide = block_NHWC.swapaxes(0, 1).reshape(old_height, count * width, channels)
    scaled = _pillow_resized(wide, count * width, height)
    return scaled.reshape(height, count, width, channels).swapaxes(0, 1)


def _pillow_resized(picture_HWC: Pictures, width: int, height: int) -> Pictures:
    old_height, old_width, channels = picture_HWC.shape
    if (old_height, old_width) == (height, width):
        return picture_HWC
    shrinks = height < old_height or width < old_width
    method = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    grey = picture_HWC[..., 0] if channels == 1 else picture_HWC
    small = Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), method)
    return np.asarray(small).reshape(height, width, channels)
