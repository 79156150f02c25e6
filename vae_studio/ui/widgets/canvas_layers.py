"""The still part of the canvas, tiles under points, kept as images until something changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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

    @property
    def visible_N(self) -> NDArray[np.bool_]:
        """Which points belong to a class that is shown."""
        return ~np.isin(self.labels_N, list(self.hidden))

    def picture(self, view: CanvasView, ratio: float, chrome: Chrome) -> QPixmap:
        """The map as it is now, at the screen's resolution."""
        size = (max(1, round(view.width * ratio)), max(1, round(view.height * ratio)))
        picture = QPixmap(*size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(chrome.panel))
        painter = QPainter(picture)
        if self.shown != "points" and self.tiles.extent is not None:
            self._paint_tiles(painter, view, ratio, chrome)
        if self.shown != "tiles" and len(self.uv_N2):
            points = self._points(view, ratio, size, chrome)
            points.setDevicePixelRatio(ratio)
            painter.drawImage(0, 0, points)
        painter.end()
        return picture

    def inverted(self, chrome: Chrome) -> bool:
        """Light strokes on a dark ground become dark strokes on a light theme's panel."""
        light = int(chrome.panel[1:3], 16) >= 128
        return self.inverting and light and self.tiles.strokes_on_dark

    def _paint_tiles(
        self, painter: QPainter, view: CanvasView, ratio: float, chrome: Chrome
    ) -> None:
        assert self.tiles.extent is not None
        left, right, bottom, top = self.tiles.extent
        corners = view.pixels_of(np.array([[left, top], [right, bottom]])) * ratio
        image = self.tiles.image(chrome, self.opacity, inverted=self.inverted(chrome))
        (x0, y0), (x1, y1) = np.rint(corners)
        target = QRectF(x0, y0, x1 - x0, y1 - y0)
        whole = (x1 - x0) % image.width() == 0 and (y1 - y0) % image.height() == 0
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not whole)
        painter.setOpacity(1.0 if self.tiles.grey else self.opacity)
        painter.drawImage(target, image, QRectF(image.rect()))
        painter.restore()

    def _points(
        self, view: CanvasView, ratio: float, size: tuple[int, int], chrome: Chrome
    ) -> QImage:
        seen_N = self.visible_N if self.hidden else slice(None)
        xy_N2 = view.pixels_of(self.uv_N2[seen_N]) * ratio
        colours = CLASSES if self.labelled else (chrome.accent,)
        return scatter_image(
            xy_N2, np.maximum(self.labels_N[seen_N], 0), colours, size=size,
            radius=point_radius(len(self.uv_N2)) * ratio, alpha=POINT_ALPHA,
        )  # fmt: skip
