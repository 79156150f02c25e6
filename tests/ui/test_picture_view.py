"""Pictures are whole pixels, can be copied, saved, inverted and pointed at."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from vae_studio.ui.widgets.picture_grid import fitted_grid
from vae_studio.ui.widgets.picture_view import PictureView
from vae_studio.ui.widgets.pixels import image_of, polygon_of

#: Qt's offscreen platform says so of every window with a smallest size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def pictures(count: int, side: int = 4, channels: int = 1) -> np.ndarray:
    made = np.random.default_rng(0).integers(0, 256, (count, side, side, channels))
    return made.astype(np.uint8)


@pytest.mark.parametrize("width", [60, 97, 240, 1000])
def test_that_a_grid_fits_its_width_in_whole_pixels(width: int) -> None:
    grid = fitted_grid(32, (28, 28), 16, width=width)
    assert grid.size[0] <= width
    assert grid.scale == int(grid.scale) >= 1
    assert grid.rows * grid.columns >= 32


def test_that_only_a_picture_wider_than_the_room_is_shrunk() -> None:
    assert fitted_grid(1, (100, 100), 1, width=50).scale == 0.5
    assert fitted_grid(4, (28, 28), 4, width=30).columns == 1


def test_that_a_cell_is_found_under_a_point_and_none_in_the_gap() -> None:
    grid = fitted_grid(4, (10, 10), 2, width=42, gap=2)
    assert [grid.index_at(1, 1), grid.index_at(25, 1), grid.index_at(1, 25)] == [0, 1, 2]
    assert grid.index_at(20.5, 1) is None
    assert grid.index_at(-1, 1) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_that_a_picture_becomes_an_image_of_the_same_bytes(channels: int) -> None:
    picture = pictures(1, 5, channels)[0]
    image = image_of(picture)
    first = image.pixelColor(3, 2)
    expected = tuple(int(v) for v in np.broadcast_to(picture[2, 3], 3))
    assert (first.red(), first.green(), first.blue()) == expected


def test_that_an_image_outlives_the_array_it_was_made_of() -> None:
    picture = np.full((8, 8), 200, np.uint8)
    image = image_of(picture)
    picture[:] = 0
    assert image.pixelColor(0, 0).red() == 200


def test_that_floats_are_not_taken_for_a_picture() -> None:
    with pytest.raises(ValueError, match="uint8"):
        image_of(np.zeros((4, 4), np.float32))  # type: ignore[arg-type]


def test_that_a_polygon_holds_the_points_it_was_given(qtbot) -> None:
    polygon = polygon_of(np.array([1.0, 2.0]), np.array([3.0, -4.5]))
    assert [(p.x(), p.y()) for p in polygon] == [(1.0, 3.0), (2.0, -4.5)]
    assert polygon_of(np.zeros(0), np.zeros(0)).isEmpty()


def test_that_pixels_on_screen_are_crisp_squares(qtbot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    picture = pictures(1)
    view.set_pictures(picture, 1)
    view.resize(40, 40)
    shown = view.grab().toImage()
    ratio = shown.devicePixelRatio()
    for row in range(4):
        for column in range(4):
            spots = [(column * 10 + 1, row * 10 + 1), (column * 10 + 8, row * 10 + 8)]
            seen = {shown.pixelColor(int(x * ratio), int(y * ratio)).red() for x, y in spots}
            assert seen == {int(picture[0, row, column, 0])}


def test_that_copying_puts_the_picture_on_the_clipboard(qtbot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.set_pictures(pictures(6), 3)
    view.resize(120, 80)
    with qtbot.waitSignal(view.copied):
        QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().image().size() == view.picture_image().size()


def test_that_saving_writes_the_shown_picture(qtbot, tmp_path) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.set_pictures(pictures(1), 1)
    target = tmp_path / "one.png"
    with qtbot.waitSignal(view.saved):
        view.save(str(target))
    assert QImage(str(target)).size() == view.picture_image().size()
    with qtbot.waitSignal(view.save_failed):
        view.save(str(tmp_path / "nowhere" / "one.png"))


def test_that_inverting_turns_grey_and_leaves_colour(qtbot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(40, 40)
    view.set_pictures(np.full((1, 4, 4, 1), 10, np.uint8), 1)
    view.set_inverted(True)
    assert view.picture_image().pixelColor(0, 0).red() == 245
    view.set_pictures(np.full((1, 4, 4, 3), 10, np.uint8), 1)
    assert view.picture_image().pixelColor(0, 0).red() == 10


def test_that_the_room_for_pictures_stands_before_they_come(qtbot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.reserve(16, (28, 28), 8)
    before = view.heightForWidth(300)
    view.set_pictures(pictures(16, 28), 8)
    assert view.heightForWidth(300) == before


def test_that_the_pointer_finds_the_picture_under_it(qtbot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.set_pictures(pictures(2, 10), 2, ("first", "second"))
    view.resize(42, 20)
    assert view.picture_at(QPointF(5, 5)) == 0
    assert view.picture_at(QPointF(30, 5)) == 1
    assert view.picture_at(QPointF(21, 5)) is None
