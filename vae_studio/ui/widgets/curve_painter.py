"""A series as it is drawn: a faint band of its extremes under a smoothed line.

Works on data already reduced to screen width, so a frame costs the same however long the run is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from vae_studio.domain.history import Envelope
from vae_studio.ui.widgets.column_raster import ColumnRaster, centres, extremes

Reals = NDArray[np.float64]
ToPixels = Callable[[Reals], Reals]
SMOOTHING = 0.008  # standard deviation of the smoothing, as a share of the visible steps
LINE_PX, RAW_ALPHA, BAND_ALPHA = 2.0, 0.42, 0.28


def smoothed(values: NDArray[np.float32], sigma: float) -> Reals:
    """Gaussian mean over neighbours, ``sigma`` in elements; holes (NaN, ∞) stay holes."""
    exact = np.asarray(values, np.float64)
    whole = np.isfinite(exact)
    radius = int(np.ceil(3 * sigma))
    if sigma < 0.5 or len(exact) < 3:
        return np.where(whole, exact, np.nan)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    total = np.convolve(np.where(whole, exact, 0.0), kernel)[radius:-radius]
    weight = np.convolve(whole.astype(np.float64), kernel)[radius:-radius]
    with np.errstate(invalid="ignore"):
        return np.where(whole, total / weight, np.nan)


class CurvePainter:
    """Draws curves into one rectangle of a painter, at the screen's own resolution."""

    def __init__(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        self._painter, self._area, self._ratio = painter, area, ratio
        self._width = max(1, round(area.width() * ratio))
        self._height = max(1, round(area.height() * ratio))

    def draw(
        self, curve: Envelope, x_N: Reals, to_y: ToPixels, *, line_N: Reals, seen: slice,
        colour: str,
    ) -> None:  # fmt: skip
        """Band and line of a series; ``x_N`` are pixels, ``line_N`` the smoothed values."""
        exact = bool(np.array_equal(curve.low, curve.high, equal_nan=True))
        top_W, bottom_W = extremes(
            self._x(x_N), self._y(to_y(_real(curve.high))), self._y(to_y(_real(curve.low))),
            self._width,
        )  # fmt: skip
        line_W = centres(self._x(x_N[seen]), self._y(to_y(line_N[seen])), self._width)
        first, end = self._rows(top_W, bottom_W, line_W)
        raster = ColumnRaster(self._width, end - first)
        alpha = RAW_ALPHA if exact else BAND_ALPHA
        raster.fill_band(top_W - first, bottom_W - first, colour, alpha)
        raster.draw_line(line_W - first, colour, LINE_PX * self._ratio)
        self._put(raster, first)

    def draw_line(self, x_N: Reals, y_N: Reals, colour: str, width: float) -> None:
        """A line alone, through pixels (x, y)."""
        line_W = centres(self._x(x_N), self._y(y_N), self._width)
        first, end = self._rows(line_W)
        raster = ColumnRaster(self._width, end - first)
        raster.draw_line(line_W - first, colour, width * self._ratio)
        self._put(raster, first)

    def _rows(self, *curves: Reals) -> tuple[int, int]:
        """The rows that the curves touch: a level curve needs only a few of them."""
        lowest, highest = float(self._height), 0.0
        for curve_W in curves:
            finite = curve_W[np.isfinite(curve_W)]
            if len(finite):
                lowest, highest = min(lowest, finite.min()), max(highest, finite.max())
        spare = 2 + LINE_PX * self._ratio
        first = int(np.clip(lowest - spare, 0, self._height))
        return first, max(first + 1, int(np.clip(highest + spare + 1, 0, self._height)))

    def _put(self, raster: ColumnRaster, first: int) -> None:
        image = raster.image()
        image.setDevicePixelRatio(self._ratio)
        corner = self._area.topLeft() + QPointF(0, first / self._ratio)
        self._painter.drawImage(corner, image)

    def _x(self, x_N: Reals) -> Reals:
        return np.asarray((x_N - self._area.left()) * self._ratio)

    def _y(self, y_N: Reals) -> Reals:
        return np.asarray((y_N - self._area.top()) * self._ratio)


def _real(values: NDArray[np.float32]) -> Reals:
    return np.asarray(values, np.float64)
