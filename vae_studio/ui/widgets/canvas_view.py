"""Which part of a latent plane the canvas shows, and which tiles that needs. Pure numbers.

Plane coordinates (u, v) point right and up; pixels (x, y) right and down, from the map's corner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # left, right, bottom, top

PRIOR = 3.1  # a standard normal has 99.8 % of its mass within
CLOSEST, FARTHEST = 20_000.0, 4.0  # pixels per unit
LINE_V = -2.65  # a model with one unit: its row of tiles lies under the lanes of points
TILE_PX = 28.0  # a tile's side on screen, about; small pictures are enlarged to it
MOST_TILES = 640  # what a small decoder does in a few hundredths of a second


@dataclass(frozen=True)
class CanvasView:
    """The plane point in the middle of a map of ``width`` × ``height`` logical pixels, and
    ``scale``, pixels per unit, the same both ways."""

    width: float
    height: float
    centre_u: float = 0.0
    centre_v: float = 0.0
    scale: float = 60.0

    @property
    def extent(self) -> Extent:
        """The visible rectangle of the plane."""
        half_u, half_v = self.width / 2 / self.scale, self.height / 2 / self.scale
        return (
            self.centre_u - half_u, self.centre_u + half_u,
            self.centre_v - half_v, self.centre_v + half_v,
        )  # fmt: skip

    def pixels_of(self, uv_N2: Reals) -> Reals:
        """Pixels (N, 2) of plane points (N, 2)."""
        uv_N2 = np.asarray(uv_N2, np.float64)
        x = (uv_N2[..., 0] - self.centre_u) * self.scale + self.width / 2
        y = (self.centre_v - uv_N2[..., 1]) * self.scale + self.height / 2
        return np.stack([x, y], axis=-1)

    def point_at(self, x: float, y: float) -> tuple[float, float]:
        """The plane point under a pixel."""
        return (
            self.centre_u + (x - self.width / 2) / self.scale,
            self.centre_v - (y - self.height / 2) / self.scale,
        )

    def resized(self, width: float, height: float) -> CanvasView:
        """The same view in another window: what was visible before stays visible."""
        width, height = max(1.0, width), max(1.0, height)
        factor = min(width, height) / max(1.0, min(self.width, self.height))
        return replace(self, width=width, height=height, scale=self._within(self.scale * factor))

    def zoomed(self, factor: float, x: float, y: float) -> CanvasView:
        """``factor`` > 1 comes closer; the point under the pixel (x, y) stays under it."""
        u, v = self.point_at(x, y)
        scale = self._within(self.scale * factor)
        return replace(
            self, scale=scale,
            centre_u=u - (x - self.width / 2) / scale, centre_v=v + (y - self.height / 2) / scale,
        )  # fmt: skip

    def panned(self, dx: float, dy: float) -> CanvasView:
        """The plane moved by pixels, as if taken by the hand."""
        u, v = self.centre_u - dx / self.scale, self.centre_v + dy / self.scale
        return replace(self, centre_u=min(max(u, -50.0), 50.0), centre_v=min(max(v, -50.0), 50.0))

    def fitted(self, extent: Extent = (-PRIOR, PRIOR, -PRIOR, PRIOR)) -> CanvasView:
        """``extent`` in full, and what the window's shape adds to it."""
        left, right, bottom, top = extent
        scale = min(self.width / max(right - left, 1e-3), self.height / max(top - bottom, 1e-3))
        return replace(
            self, scale=self._within(scale),
            centre_u=(left + right) / 2, centre_v=(bottom + top) / 2,
        )  # fmt: skip

    def _within(self, scale: float) -> float:
        return min(CLOSEST, max(FARTHEST, scale))


@dataclass(frozen=True)
class TileGrid:
    """Cells that cover a view: whole device pixels wide, fixed to the plane, not to the window."""

    extent: Extent
    rows: int
    columns: int


def tile_grid(
    view: CanvasView, picture: tuple[int, int], ratio: float, *, line: bool = False
) -> TileGrid:
    """The cells for pictures (H, W) at ``ratio`` device pixels per logical one.

    A cell is a whole multiple of the picture, so that pixels stay crisp, and its corners lie at
    multiples of its size, so that panning shows the same codes again. A ``line`` (a model with
    one unit) is one row of cells around ``LINE_V``.
    """
    height, width = picture
    across = _cell_px(view, picture, ratio)
    cell_u = across / view.scale
    cell_v = cell_u * height / width
    left, right, bottom, top = view.extent
    first, last = math.floor(left / cell_u), math.ceil(right / cell_u)
    if line:
        row = (first * cell_u, last * cell_u, LINE_V - cell_v / 2, LINE_V + cell_v / 2)
        return TileGrid(row, 1, last - first)
    low, high = math.floor(bottom / cell_v), math.ceil(top / cell_v)
    extent = (first * cell_u, last * cell_u, low * cell_v, high * cell_v)
    return TileGrid(extent, high - low, last - first)


def _cell_px(view: CanvasView, picture: tuple[int, int], ratio: float) -> float:
    """A cell's width in logical pixels."""
    height, width = picture
    native = width / ratio
    times = max(1, round(TILE_PX / max(native, native * height / width)))
    while _cells(view, times * native, picture) > MOST_TILES:
        times += 1
    return times * native


def _cells(view: CanvasView, cell: float, picture: tuple[int, int]) -> float:
    down = cell * picture[0] / picture[1]
    return (view.width / cell + 2) * (view.height / down + 2)
