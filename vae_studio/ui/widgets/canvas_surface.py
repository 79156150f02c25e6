"""The map of a model's codes: decoded tiles under encoded pictures, and the chosen code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_studio.domain.palette import class_colour
from vae_studio.domain.plane import LatentPlane
from vae_studio.domain.reports import CodesEncoded, TilesDecoded, TilesWanted
from vae_studio.ui import theme
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.canvas_layers import CanvasLayers, Kept, Layers
from vae_studio.ui.widgets.canvas_overlay import CanvasOverlay
from vae_studio.ui.widgets.canvas_view import LINE_V, PRIOR, CanvasView, Extent, tile_grid
from vae_studio.ui.widgets.focus_ring import FocusRing
from vae_studio.ui.widgets.point_cloud import Neighbour, PointCloud

Floats = NDArray[np.float32]
LEFT_PX, TOP_PX, RIGHT_PX, BOTTOM_PX = 34, 2, 2, 20
SETTLED_MS = 90  # a view that moved this long ago is worth decoding
EMPTY = "Train, or open a run, and this becomes a map of its codes."


class CanvasSurface(FocusRing):
    """Shows a plane of codes with a cross at the chosen one.

    Signals: ``code_chosen(object)`` a code (D,), of one turn of the event loop only the first and
    the last;
    ``tiles_wanted(object)`` a ``TilesWanted`` once the view has settled;
    ``read_out_changed(str)`` what is under the pointer.
    """

    code_chosen = Signal(object)
    tiles_wanted = Signal(object)
    read_out_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = CanvasView(400, 400).fitted()
        self._opening = True  # nobody has looked elsewhere yet
        self._plane: LatentPlane | None = None
        self._shape = (28, 28)
        self._class_names: tuple[str, ...] = ()
        self._cloud: PointCloud | None = None
        self._layers = CanvasLayers()
        self._axes: Kept[QPixmap] = Kept()
        self._still = QPixmap()
        self._chosen: tuple[float, float] | None = None
        self._neighbour: Neighbour | None = None
        self._looked_at: tuple[float, float] | None = None
        self._asked: TilesWanted | None = None
        self._untold = False
        self._telling = _timer(self, 0, self._tell_code)
        self._settling = _timer(self, SETTLED_MS, self._ask_for_tiles)
        self.setAccessibleName("Latent canvas")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.current().changed.connect(self._redraw)

    @property
    def view(self) -> CanvasView:
        """What is visible."""
        return self._view

    @property
    def plane(self) -> LatentPlane | None:
        """The slice that is shown; None without a model."""
        return self._plane

    @property
    def layers(self) -> CanvasLayers:
        """Tiles and points as they are shown."""
        return self._layers

    @property
    def chosen_code(self) -> Floats | None:
        """The code (D,) under the cross."""
        if self._plane is None or self._chosen is None:
            return None
        return self._plane.code_at(*self._chosen)

    @property
    def chosen(self) -> tuple[float, float] | None:
        """The plane point under the cross."""
        return self._chosen

    @property
    def map_rect(self) -> QRectF:
        """The map without its axes, in the widget."""
        return QRectF(LEFT_PX, TOP_PX, self._view.width, self._view.height)

    @property
    def neighbour(self) -> Neighbour | None:
        """The encoded picture nearest to the pointer or the cross."""
        return self._neighbour

    def show_model(
        self, plane: LatentPlane | None, shape: tuple[int, int], class_names: tuple[str, ...]
    ) -> None:
        """Another model: nothing of the last one stays on screen."""
        opacity, shown, inverting = (
            self._layers.opacity, self._layers.shown, self._layers.inverting,
        )  # fmt: skip
        self._layers = CanvasLayers(opacity=opacity, shown=shown, inverting=inverting)
        self._cloud, self._neighbour, self._asked, self._looked_at = None, None, None, None
        self._plane, self._shape, self._class_names = plane, shape, class_names
        self._chosen = None if plane is None else (0.0, LINE_V if self.is_line else 0.0)
        self._view, self._opening = self._view.fitted(), True
        self._settled_soon()
        self._redraw()
        self.tell_again()

    def set_plane(self, plane: LatentPlane) -> None:
        """Another slice of the same model; the cross keeps its place on the plane."""
        self._plane = plane
        self._place_points()
        self._settled_soon()
        self._redraw()
        self.tell_again()

    @Slot(object)
    def show_tiles(self, tiles: TilesDecoded) -> None:
        """Put a new mosaic in the place of the last."""
        if self._plane is not None:
            self._layers.tiles.show(tiles)
            self._redraw()

    @Slot(object)
    def show_codes(self, codes: CodesEncoded) -> None:
        """Move the points to where the pictures are encoded now."""
        if self._plane is None or codes.mean_ND.shape[1] != self._plane.units:
            return
        first = self._cloud is None
        self._cloud = PointCloud.of(codes)
        self._place_points()
        self._redraw()
        if first and self._opening:
            self.fit()  # no point should lie beyond the edge

    def choose(self, u: float, v: float) -> None:
        """Put the cross on a point of the plane; the code is told soon."""
        if self._plane is None:
            return
        self._chosen = (u, LINE_V if self.is_line else v)
        self._untold = True
        if not self._telling.isActive():
            self._tell_code()  # at once: while a run trains, a turn of the event loop takes 5 ms
        self._telling.start()
        self.read_out(*self._chosen)
        self.update()

    @Slot()
    def fit(self) -> None:
        """The prior and nearly all points in view."""
        extent: Extent = (-PRIOR, PRIOR, -PRIOR, PRIOR)
        uv_N2 = self._layers.uv_N2
        if len(uv_N2):
            low, high = np.clip(np.quantile(uv_N2, [0.002, 0.998], axis=0) * 1.05, -12, 12)
            extent = (
                min(-PRIOR, low[0]), max(PRIOR, high[0]), min(-PRIOR, low[1]), max(PRIOR, high[1]),
            )  # fmt: skip
        self.look(self._view.fitted(extent))

    def zoom(self, factor: float) -> None:
        """Closer (> 1) or farther, about the middle."""
        self.look(self._view.zoomed(factor, self._view.width / 2, self._view.height / 2))

    @Slot(str)
    def set_shown_layers(self, shown: Layers) -> None:
        """Tiles, points or both."""
        self._layers.shown = shown
        self._settled_soon()
        self._redraw()

    def set_tile_opacity(self, opacity: float) -> None:
        """From 0 (unseen) to 1."""
        self._layers.opacity = opacity
        self._redraw()

    @Slot(bool)
    def set_inverting(self, inverting: bool) -> None:
        """Draw light strokes dark when the theme is light."""
        self._layers.inverting = inverting
        self._redraw()

    def set_class_shown(self, label: int, shown: bool) -> None:
        """Show or hide the points of one class."""
        hidden = self._layers.hidden
        self._layers.hidden = hidden - {label} if shown else hidden | {label}
        self._redraw()

    @property
    def is_line(self) -> bool:
        """The model has one unit."""
        return self._plane is not None and not self._plane.up_D.any()

    def _place_points(self) -> None:
        if self._cloud is not None and self._plane is not None:
            self._layers.place_points(
                self._cloud.on(self._plane), self._cloud.labels_N, labelled=self._cloud.labelled
            )
            self._neighbour = None
            if self._looked_at is not None:
                self.read_out(*self._looked_at)

    def look(self, view: CanvasView) -> None:
        """Show another part of the plane."""
        self._view, self._opening = view, False
        self._settled_soon()
        self._redraw()

    @Slot()
    def _redraw(self) -> None:
        self._still = QPixmap()
        self.update()

    def _settled_soon(self) -> None:
        if self._plane is not None:
            self._settling.start()

    @Slot()
    def _ask_for_tiles(self) -> None:
        if self._plane is None or self._layers.shown == "points":
            return
        grid = tile_grid(self._view, self._shape, self.devicePixelRatioF(), line=self.is_line)
        wanted = TilesWanted(self._plane, grid.extent, grid.rows, grid.columns)
        if not _same(wanted, self._asked):
            self._asked = wanted
            self.tiles_wanted.emit(wanted)

    def tell_again(self) -> None:
        """Tell the chosen code once more, for a model that has learned since."""
        self._untold = True
        self._telling.start()

    @Slot()
    def _tell_code(self) -> None:
        code = self.chosen_code
        if code is not None and self._untold:
            self._untold = False
            self.code_chosen.emit(code)

    def read_out(self, u: float, v: float) -> None:
        """Tell what is at a point of the plane and mark the nearest encoded picture."""
        if self._plane is None:
            return
        self._looked_at = (u, v)
        parts = [axis.number(part, 2) for part in ((u,) if self.is_line else (u, v))]
        sentence = f"z = {parts[0]}" if self.is_line else f"z = ({', '.join(parts)})"
        if self._cloud is not None and self._layers.shown != "tiles":
            code_D = self._plane.code_at(u, v)
            self._neighbour = self._cloud.nearest(code_D, self._layers.visible_N)
            sentence += self._neighbour_words()
        self.read_out_changed.emit(sentence)

    def _neighbour_words(self) -> str:
        near = self._neighbour
        if near is None:
            return ""
        name = f"no. {near.index + 1}" if near.label is None else self._class_name(near.label)
        return f" · nearest test image: {name} ({axis.number(near.distance, 2)})"

    def _class_name(self, label: int) -> str:
        return self._class_names[label] if label < len(self._class_names) else str(label)

    def point_under(self, position: QPointF) -> tuple[float, float]:
        """The plane point under a point of the widget."""
        spot = position - self.map_rect.topLeft()
        u, v = self._view.point_at(spot.x(), spot.y())
        return u, (LINE_V if self.is_line else v)

    def _frame(self, overlay: CanvasOverlay) -> QPixmap:
        """Map and axes: all that rests while only the pointer moves."""
        assert self._plane is not None
        if self._still.isNull():
            ratio = self.devicePixelRatioF()
            key = (self._view, ratio, self.size(), overlay.chrome, self._plane.labels)
            frame = QPixmap(self._axes.get(key, lambda: self._painted_axes(overlay)))
            painter = QPainter(frame)
            painter.drawPixmap(
                self.map_rect.topLeft(), self._layers.picture(self._view, ratio, overlay.chrome)
            )
            painter.end()
            self._still = frame
        return self._still

    def _painted_axes(self, overlay: CanvasOverlay) -> QPixmap:
        assert self._plane is not None
        axes = QPixmap(self.size() * self.devicePixelRatioF())
        axes.setDevicePixelRatio(self.devicePixelRatioF())
        axes.fill(QColor(overlay.chrome.panel))
        painter = QPainter(axes)
        painter.setFont(self.font())
        overlay.paint_axes(painter, self._plane.labels, line=self.is_line)
        painter.end()
        return axes

    def _paint_neighbour(self, painter: QPainter, overlay: CanvasOverlay) -> None:
        near = self._neighbour
        if near is None or self._cloud is None or self._plane is None or self.is_line:
            return
        u, v = self._layers.uv_N2[near.index]
        spread = self._cloud.spread(near.index, self._plane)
        accent = theme.current().chrome.accent
        colour = accent if near.label is None else class_colour(near.label)
        overlay.paint_ellipse(painter, float(u), float(v), spread, colour)

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(720, 460)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        opening = self._opening
        self.look(
            self._view.resized(
                self.width() - LEFT_PX - RIGHT_PX, self.height() - TOP_PX - BOTTOM_PX
            )
        )
        self._opening = opening  # it was not the person who looked

    def paintEvent(self, event: QPaintEvent) -> None:
        chrome, painter = theme.current().chrome, QPainter(self)
        overlay = CanvasOverlay(self._view, self.map_rect, chrome)
        if self._plane is None:
            painter.fillRect(self.rect(), QColor(chrome.panel))
            overlay.paint_sentence(painter, EMPTY)
        else:
            painter.drawPixmap(0, 0, self._frame(overlay))
            painter.setClipRect(self.map_rect)
            self._paint_neighbour(painter, overlay)
            if self._chosen is not None:
                overlay.paint_cursor(painter, *self._chosen, line=self.is_line)
            painter.setClipping(False)
        self.paint_ring(painter)
        painter.end()


def _timer(canvas: CanvasSurface, milliseconds: int, slot: object) -> QTimer:
    timer = QTimer(canvas)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer


def _same(one: TilesWanted, other: TilesWanted | None) -> bool:
    if other is None or (one.extent, one.rows, one.columns) != (
        other.extent, other.rows, other.columns,
    ):  # fmt: skip
        return False
    pairs = ((getattr(p, name) for p in (one.plane, other.plane)) for name in _PLANE_PARTS)
    return all(np.array_equal(a, b) for a, b in pairs)


_PLANE_PARTS = ("origin_D", "across_D", "up_D")
