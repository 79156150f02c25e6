"""The map: what a click decodes, which tiles it wants, how it moves, how its pixels come out."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_studio.domain.palette import CLASSES, DARK, LIGHT, rgb
from vae_studio.domain.plane import LatentPlane
from vae_studio.domain.reports import CodesEncoded, TilesDecoded, TilesWanted
from vae_studio.ui.widgets.canvas_view import CanvasView, tile_grid
from vae_studio.ui.widgets.latent_canvas import LatentCanvas
from vae_studio.ui.widgets.point_cloud import PointCloud
from vae_studio.ui.widgets.scatter_raster import scatter_image, stamp
from vae_studio.ui.widgets.tile_layer import TileLayer

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def plane(units: int = 2) -> LatentPlane:
    return LatentPlane.of_units(0, min(1, units - 1), np.zeros(units, np.float32))


def codes(count: int = 200, units: int = 2, step: int = 1) -> CodesEncoded:
    drawn = np.random.default_rng(1).normal(size=(count, units)).astype(np.float32)
    return CodesEncoded(
        drawn, np.full((count, units), 0.2, np.float32), np.arange(count) % 10, step
    )


def tiles(wanted: TilesWanted, grey: int = 255) -> TilesDecoded:
    mosaic = np.full((wanted.rows * 28, wanted.columns * 28, 1), grey, np.uint8)
    return TilesDecoded(wanted.extent, wanted.rows, wanted.columns, mosaic, 1)


@pytest.fixture
def canvas(qtbot) -> LatentCanvas:
    made = LatentCanvas()
    qtbot.addWidget(made)
    made.resize(636, 422)
    made.show()
    made.show_model(plane(), (28, 28), tuple("0123456789"))
    return made


def spot(canvas: LatentCanvas, u: float, v: float) -> QPoint:
    x, y = canvas.view.pixels_of(np.array([u, v]))
    return (canvas.map_rect.topLeft() + QPointF(x, y)).toPoint()


def wheel(canvas: LatentCanvas, at: QPoint, turns: int) -> None:
    place = QPointF(at)
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(), QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


# the view, with numbers


def test_that_pixels_and_plane_points_answer_each_other() -> None:
    view = CanvasView(600, 400, 0.5, -0.2, 70)
    x, y = view.pixels_of(np.array([1.5, 0.8]))
    assert view.point_at(x, y) == pytest.approx((1.5, 0.8))
    assert view.pixels_of(np.array([0.5, 0.8]))[1] < view.height / 2


def test_that_zooming_keeps_the_point_under_the_pointer() -> None:
    view = CanvasView(600, 400).fitted()
    closer = view.zoomed(3, 150, 90)
    assert closer.point_at(150, 90) == pytest.approx(view.point_at(150, 90))
    assert closer.scale == 3 * view.scale


def test_that_a_fitted_view_holds_the_extent_on_one_scale_both_ways() -> None:
    left, right, bottom, top = CanvasView(900, 300).fitted((-3, 3, -3, 3)).extent
    assert bottom == pytest.approx(-3)
    assert top == pytest.approx(3)
    assert right == pytest.approx(9)
    assert left == pytest.approx(-9)


@pytest.mark.parametrize("size", [(840, 440), (300, 700), (2500, 1300)])
@pytest.mark.parametrize("picture", [(28, 28), (8, 8), (64, 48), (200, 200)])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_that_tiles_cover_the_view_in_whole_pixels(size, picture, ratio) -> None:
    view = CanvasView(*size).fitted()
    grid = tile_grid(view, picture, ratio)
    left, right, bottom, top = grid.extent
    seen = view.extent
    assert max(left - seen[0], seen[1] - right, bottom - seen[2], seen[3] - top) <= 1e-9
    assert grid.rows * grid.columns <= 1.3 * 640
    pixels = (right - left) * view.scale * ratio / grid.columns / picture[1]
    assert pixels == pytest.approx(round(pixels))
    assert (top - bottom) / grid.rows * picture[1] == pytest.approx(
        (right - left) / grid.columns * picture[0]
    )


def test_that_panning_shows_the_same_codes_again() -> None:
    view = CanvasView(800, 400).fitted()
    cell = 28 / view.scale
    for grid in (tile_grid(view, (28, 28), 1), tile_grid(view.panned(11, -7), (28, 28), 1)):
        assert grid.extent[0] / cell == pytest.approx(round(grid.extent[0] / cell))


def test_that_a_line_needs_one_row_of_tiles() -> None:
    assert tile_grid(CanvasView(800, 400).fitted(), (28, 28), 1, line=True).rows == 1


# points and tiles, with pixels


def test_that_a_point_is_a_disc_of_its_colour() -> None:
    image = scatter_image(np.array([[10.5, 20.5]]), np.array([3]), CLASSES, size=(40, 40), radius=3)
    middle = image.pixelColor(10, 20)
    assert (middle.red(), middle.green(), middle.blue(), middle.alpha()) == (*rgb(CLASSES[3]), 255)
    area = sum(image.pixelColor(x, y).alphaF() for x in range(40) for y in range(40))
    assert area == pytest.approx(np.pi * 9, rel=0.06)


def test_that_points_beyond_the_edge_leave_no_mark() -> None:
    far = np.array([[-50.0, 5], [5, 1e7], [39.9, 39.9]])
    image = scatter_image(far, np.zeros(3, int), CLASSES, size=(40, 40), radius=3)
    assert image.pixelColor(39, 39).alpha() == 255
    assert image.pixelColor(0, 5).alpha() == 0


def test_that_a_stamp_ends_with_its_fullest_pixels() -> None:
    covers = [cover for _, _, cover in stamp(2.5)]
    assert covers == sorted(covers)
    assert covers[-1] == 1.0


def test_that_light_strokes_become_ink_on_a_light_panel() -> None:
    layer = TileLayer()
    mosaic = np.zeros((28, 28, 1), np.uint8)
    mosaic[10, 10] = 255
    layer.show(TilesDecoded((-1, 1, -1, 1), 1, 1, mosaic, 0))
    assert layer.strokes_on_dark
    ink = layer.image(LIGHT, 1.0, inverted=True)
    assert ink.pixelColor(0, 0).name() == LIGHT.panel
    assert ink.pixelColor(10, 10).name() == LIGHT.text
    dark = layer.image(DARK, 1.0, inverted=False)
    assert dark.pixelColor(0, 0).name() == DARK.panel
    assert dark.pixelColor(10, 10).name() == DARK.text
    assert layer.image(DARK, 0.0, inverted=False).pixelColor(10, 10).name() == DARK.panel


def test_that_photographs_are_not_turned_into_negatives() -> None:
    layer = TileLayer()
    layer.show(TilesDecoded((-1, 1, -1, 1), 1, 1, np.full((8, 8, 1), 130, np.uint8), 0))
    assert not layer.strokes_on_dark


def test_that_the_nearest_picture_is_found_in_the_whole_code_space() -> None:
    cloud = PointCloud.of(
        CodesEncoded(
            np.array([[0, 0, 5], [1, 0, 0]], np.float32), np.ones((2, 3), np.float32),
            np.array([4, 7]), 0,
        )
    )  # fmt: skip
    near = cloud.nearest(np.zeros(3, np.float32), np.array([True, True]))
    assert near is not None
    assert (near.index, near.label, near.distance) == (1, 7, 1.0)
    hidden = cloud.nearest(np.zeros(3, np.float32), np.array([True, False]))
    assert hidden is not None
    assert hidden.label == 4
    assert cloud.nearest(np.zeros(3, np.float32), np.array([False, False])) is None


# the widget, with the hand


def test_that_a_click_chooses_the_code_under_it(qtbot, canvas: LatentCanvas) -> None:
    at = spot(canvas, 1.2, -0.7)
    with qtbot.waitSignal(canvas.code_chosen) as chosen:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args[0] == pytest.approx([1.2, -0.7], abs=1 / canvas.view.scale)
    assert chosen.args[0].dtype == np.float32


def test_that_a_click_is_told_at_once_and_only_once(qtbot, canvas: LatentCanvas) -> None:
    heard = []
    canvas.code_chosen.connect(heard.append)
    canvas.choose(0.5, 0.5)
    assert len(heard) == 1  # before the event loop turns
    qtbot.wait(30)
    assert len(heard) == 1


def test_that_a_burst_of_moves_asks_for_the_first_and_the_last(qtbot, canvas: LatentCanvas) -> None:
    heard = []
    canvas.code_chosen.connect(heard.append)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=spot(canvas, 0, 0))
    for turn in range(50):
        canvas.choose(turn / 50, 0.5)
    qtbot.waitUntil(lambda: len(heard) > 0)
    qtbot.wait(30)
    assert heard[-1] == pytest.approx([0.98, 0.5])
    assert len(heard) <= 2


def test_that_tiles_are_asked_for_once_the_view_has_settled(qtbot, canvas: LatentCanvas) -> None:
    heard = []
    canvas.tiles_wanted.connect(heard.append)
    for turns in (1, 1, 1):
        wheel(canvas, spot(canvas, 0, 0), turns)
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard[0].extent[0] <= canvas.view.extent[0]
    wheel(canvas, spot(canvas, 0, 0), 0)
    qtbot.wait(150)
    assert len(heard) == 1, "the same view must not be asked for twice"


def test_that_points_alone_need_no_tiles(qtbot, canvas: LatentCanvas) -> None:
    qtbot.waitSignal(canvas.tiles_wanted).wait()
    canvas.set_shown_layers("points")
    with qtbot.assertNotEmitted(canvas.tiles_wanted, wait=150):
        wheel(canvas, spot(canvas, 0, 0), 3)
    with qtbot.waitSignal(canvas.tiles_wanted):
        canvas.set_shown_layers("both")


def test_that_shift_and_drag_take_the_map_along(canvas: LatentCanvas) -> None:
    start = spot(canvas, 0.5, 0.5)
    chosen = canvas.chosen
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, shift, start)
    QTest.mouseMove(canvas, start + QPoint(60, -40))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, shift, start + QPoint(60, -40))
    now = spot(canvas, 0.5, 0.5)
    assert (now - start - QPoint(60, -40)).manhattanLength() <= 2
    assert canvas.chosen == chosen


def test_that_arrows_nudge_and_other_keys_zoom_and_fit(qtbot, canvas: LatentCanvas) -> None:
    with qtbot.waitSignal(canvas.code_chosen):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.chosen == pytest.approx((8 / canvas.view.scale, 8 / canvas.view.scale))
    before = canvas.view.scale
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.scale == 1.25 * before
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view.scale == before


def test_that_hovering_reads_out_the_nearest_picture(qtbot, canvas: LatentCanvas) -> None:
    canvas.show_codes(codes())
    u, v = (float(part) for part in codes().mean_ND[17])
    with qtbot.waitSignal(canvas.read_out_changed) as heard:
        QTest.mouseMove(canvas, spot(canvas, u, v))
    assert canvas.neighbour is not None
    assert canvas.neighbour.index == 17
    assert "nearest test image: 7 (0.0" in heard.args[0]


def test_that_the_marked_picture_drifts_with_the_points(canvas: LatentCanvas) -> None:
    canvas.choose(0.0, 0.0)
    for shift in (0.5, 1.5):
        mean = np.array([[shift, 0], [9, 9]], np.float32)
        canvas.show_codes(CodesEncoded(mean, mean * 0 + 0.2, np.array([1, 2]), 1))
        assert canvas.neighbour is not None
        assert canvas.neighbour.distance == pytest.approx(shift)


def test_that_tiles_and_points_are_on_screen(canvas: LatentCanvas) -> None:
    grid = tile_grid(canvas.view, (28, 28), canvas.devicePixelRatioF())
    wanted = TilesWanted(plane(), grid.extent, grid.rows, grid.columns)
    canvas.set_tile_opacity(1.0)
    canvas.set_inverting(False)
    canvas.show_tiles(tiles(wanted, 255))
    canvas.show_codes(
        CodesEncoded(np.array([[2, 2]], np.float32), np.ones((1, 2), np.float32), np.array([1]), 1)
    )
    image = canvas.grab().toImage()
    ratio = image.devicePixelRatio()

    def colour(u: float, v: float) -> tuple[int, int, int]:
        at = spot(canvas, u, v)
        pixel = image.pixelColor(int(at.x() * ratio), int(at.y() * ratio))
        return pixel.red(), pixel.green(), pixel.blue()

    for u, v in ((-5, 2), (5, -2)):  # the tiles leave no empty sides
        assert colour(u * 0.75, v) == rgb(_white(canvas))
    orange = np.array(rgb(CLASSES[1]))
    assert np.abs(np.array(colour(2, 2)) - orange).max() < 30


def _white(canvas: LatentCanvas) -> str:
    from vae_studio.ui import theme

    chrome = theme.current().chrome
    return chrome.text if theme.current().dark else chrome.panel


def test_that_hiding_a_class_takes_its_points_away(canvas: LatentCanvas) -> None:
    canvas.show_codes(codes())
    canvas.set_class_shown(3, False)
    assert not canvas.layers.visible_N[3]
    assert canvas.layers.visible_N.sum() == 180
    canvas.set_class_shown(3, True)
    assert canvas.layers.visible_N.all()


def test_that_codes_of_another_model_are_ignored(canvas: LatentCanvas) -> None:
    canvas.show_codes(codes(units=5))
    assert len(canvas.layers.uv_N2) == 0


def test_that_a_model_with_one_unit_is_a_line(qtbot, canvas: LatentCanvas) -> None:
    canvas.show_model(plane(1), (28, 28), tuple("0123456789"))
    canvas.show_codes(codes(units=1))
    with qtbot.waitSignal(canvas.code_chosen) as chosen:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=spot(canvas, 1.0, 2.0))
    assert chosen.args[0] == pytest.approx([1.0], abs=0.03)
    lanes = {label: canvas.layers.uv_N2[label::10, 1] for label in range(10)}
    assert lanes[0].min() > lanes[9].max()
    canvas.grab()


def test_that_without_a_model_nothing_is_asked_or_chosen(qtbot, canvas: LatentCanvas) -> None:
    canvas.show_model(None, (28, 28), ())
    with (
        qtbot.assertNotEmitted(canvas.code_chosen, wait=20),
        qtbot.assertNotEmitted(canvas.tiles_wanted, wait=150),
    ):
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    canvas.grab()


def test_that_seventy_thousand_points_can_be_dragged(canvas: LatentCanvas) -> None:
    canvas.show_codes(codes(70_000))
    costs = []
    for _ in range(9):
        started = time.perf_counter()
        canvas.look(canvas.view.panned(2, 1))
        canvas.repaint()
        costs.append(1000 * (time.perf_counter() - started))
    assert statistics.median(costs) < 50  # 11 ms on a quiet machine; this one is shared
