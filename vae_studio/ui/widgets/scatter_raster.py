"""Many points as one picture: 70,000 discs in a few milliseconds.

Every disc is stamped pixel by pixel of its shape, all points at once, the faintest rim first:
where discs meet, the fullest coverage wins, so clusters keep crisp antialiased outlines.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from vae_studio.domain.palette import rgb
from vae_studio.ui.widgets.pixels import argb_image

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
FINE = 8  # coverage of a rim pixel is counted on 8 × 8 points


def point_radius(count: int) -> float:
    """Radius in logical pixels: the more points, the smaller."""
    return float(np.clip(3.4 - 0.75 * np.log10(max(count, 100) / 400), 1.3, 3.0))


@lru_cache(maxsize=16)
def stamp(radius: float) -> tuple[tuple[int, int, float], ...]:
    """The pixels of a disc as (dx, dy, coverage), the faintest first."""
    reach = int(np.ceil(radius))
    fine = (np.arange(FINE) + 0.5) / FINE - 0.5
    pixels = []
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            inside = (dx + fine[None, :]) ** 2 + (dy + fine[:, None]) ** 2 <= radius**2
            if inside.any():
                pixels.append((dx, dy, float(inside.mean())))
    return tuple(sorted(pixels, key=lambda pixel: pixel[2]))


def scatter_image(
    xy_N2: Reals, colour_N: Whole, colours: tuple[str, ...], *,
    size: tuple[int, int], radius: float, alpha: float = 1.0,
) -> QImage:  # fmt: skip
    """Discs at device pixels (N, 2), each in ``colours[colour_N]``, on a transparent image.

    ``size`` is (width, height), ``radius`` in device pixels. Later points lie above earlier ones.
    """
    width, height = size
    reach = int(np.ceil(radius))
    padded_HW = np.zeros((height + 2 * reach, width + 2 * reach), np.uint32)
    index_N = np.floor(xy_N2).astype(np.int64)
    x_N, y_N = index_N[:, 0], index_N[:, 1]
    inside = (x_N >= 0) & (x_N < width) & (y_N >= 0) & (y_N < height)
    flat_N = ((y_N + reach) * padded_HW.shape[1] + x_N + reach)[inside]
    shade_N = np.asarray(colour_N)[inside] % len(colours)
    pixels = padded_HW.reshape(-1)
    for dx, dy, cover in stamp(round(radius, 2)):
        table = _shades(colours, cover * alpha)
        pixels[flat_N + (dy * padded_HW.shape[1] + dx)] = table[shade_N]
    return argb_image(padded_HW[reach : reach + height, reach : reach + width])


@lru_cache(maxsize=512)
def _shades(colours: tuple[str, ...], alpha: float) -> NDArray[np.uint32]:
    """Premultiplied ARGB of every colour at one opacity."""
    shades = []
    for colour in colours:
        red, green, blue = (round(part * alpha) for part in rgb(colour))
        shades.append(round(255 * alpha) << 24 | red << 16 | green << 8 | blue)
    return np.array(shades, np.uint32)
