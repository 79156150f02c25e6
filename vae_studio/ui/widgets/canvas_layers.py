"""The still part of the canvas, tiles under points, kept as images until something changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from vae_studio.domain.palette import CLASSES, Chrome
from vae_studio.ui.widgets.canvas_view import CanvasView
from vae_studio.ui.widgets.scatter_raster import point_radius, scatter_image
from vae_studio.ui.widgets.tile_layer import TileLayer

Layers = Literal["both", "tiles", "points"]
POINT_ALPHA = 0.92
T = TypeVar("T")


class Kept(Generic[T]):
    """A picture that is made again only when what it depends on has changed."""

    def __init__(self) -> None:
        self._key: object = None
        self._made: T | None = None

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The picture for ``key``."""
        if self._made is None or key != self._key:
            self._key, self._made = key, make()
        return self._made

    def forget(self) -> None:
        """What ``key`` does not tell has changed."""
        self._made = None


@dataclass
class CanvasLayers:
    """Tiles and points with how they are to be shown."""

    tiles: TileLayer = field(default_factory=TileLayer)
    uv_N2: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    labels_N: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    labelled: bool = False
    hidden: frozenset[int] = frozenset()
    shown: Layers = "both"
    opacity: float = 0.6
    inverting: bool = True
    _ground: Kept[QPixmap] = field(default_factory=Kept)
    _dots: Kept[QImage] = field(default_factory=Kept)

    @property
    def visible_N(self) -> NDArray[np.bool_]:
        """Which points belong to a class that is shown."""
        return ~np.isin(self.labels_N, list(self.hidden))

    def place_points(
        self, uv_N2: NDArray[np.float64], labels_N: NDArray[np.int64], *, labelled: bool
    ) -> None:
        """Put the points elsewhere."""
        self.uv_N2, self.labels_N, self.labelled = uv_N2, labels_N, labelled
        self._dots.forget()

    def picture(self, view: CanvasView, ratio: float, chrome: Chrome) -> QPixmap:
        """The map as it is now, at the screen's resolution."""
        size = (max(1, round(view.width * ratio)), max(1, round(view.height * ratio)))
        tiles = QImage()
        if self.shown != "points" and self.tiles.extent is not None:
            tiles = self.tiles.image(chrome, self.opacity, inverted=self.inverted(chrome))
        key = (view, ratio, chrome, tiles.cacheKey(), self.opacity)
        picture = self._ground.get(key, lambda: self._painted(tiles, view, ratio, size, chrome))
        if self.shown != "tiles" and len(self.uv_N2):
            points = self._dots.get(
                (view, ratio, chrome, self.hidden),
                lambda: self._points(view, ratio, size, chrome),
            )
            picture = QPixmap(picture)
            painter = QPainter(picture)
            painter.drawImage(0, 0, points)
            painter.end()
        return picture

    def inverted(self, chrome: Chrome) -> bool:
        """Light strokes on a dark ground become dark strokes on a light theme's panel."""
        light = int(chrome.panel[1:3], 16) >= 128
        return self.inverting and light and self.tiles.strokes_on_dark

    def _painted(
        self, tiles: QImage, view: CanvasView, ratio: float, size: tuple[int, int], chrome: Chrome
    ) -> QPixmap:
        """The tiles on the panel's colour; scaling them is most of what the map costs."""
        picture = QPixmap(*size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(chrome.panel))
        if not tiles.isNull() and self.tiles.extent is not None:
            left, right, bottom, top = self.tiles.extent
            corners = view.pixels_of(np.array([[left, top], [right, bottom]])) * ratio
            (x0, y0), (x1, y1) = np.rint(corners)
            whole = (x1 - x0) % tiles.width() == 0 and (y1 - y0) % tiles.height() == 0
            painter = QPainter(picture)
            painter.scale(1 / ratio, 1 / ratio)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not whole)
            painter.setOpacity(1.0 if self.tiles.grey else self.opacity)
            painter.drawImage(QRectF(x0, y0, x1 - x0, y1 - y0), tiles, QRectF(tiles.rect()))
            painter.end()
        return picture

    def _points(
        self, view: CanvasView, ratio: float, size: tuple[int, int], chrome: Chrome
    ) -> QImage:
        seen_N = self.visible_N if self.hidden else slice(None)
        xy_N2 = view.pixels_of(self.uv_N2[seen_N]) * ratio
        colours = CLASSES if self.labelled else (chrome.accent,)
        points = scatter_image(
            xy_N2, np.maximum(self.labels_N[seen_N], 0), colours, size=size,
            radius=point_radius(len(self.uv_N2)) * ratio, alpha=POINT_ALPHA,
        )  # fmt: skip
        points.setDevicePixelRatio(ratio)
        return points
