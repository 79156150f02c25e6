"""Many small pictures as one, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.imaging.tile import Pixels, blank, tile, tiled_size, with_alpha


def pictures(count: int, channels: int = 1, height: int = 3, width: int = 2) -> Pixels:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, height, width, channels)).astype(np.uint8)


def by_hand(source: Pixels, rows: int, columns: int, gap: int, scale: int, border: int) -> Pixels:
    """The same grid, one pixel at a time."""
    _, height, width, channels = source.shape
    size = tiled_size(rows, columns, height, width, gap_px=gap, scale=scale, border_px=border)
    answer = np.full((size[1], size[0], channels), 255, np.uint8)
    for cell, picture in enumerate(source):
        top = border + (cell // columns) * (height * scale + gap)
        left = border + (cell % columns) * (width * scale + gap)
        for y in range(height * scale):
            for x in range(width * scale):
                answer[top + y, left + x] = picture[y // scale, x // scale]
    return answer


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("rows", "columns", "gap", "scale", "border"),
    [(1, 1, 0, 1, 0), (2, 3, 1, 4, 0), (3, 2, 5, 2, 3), (4, 1, 2, 1, 7), (1, 6, 0, 3, 1)],
)
def test_that_every_picture_pixel_becomes_a_square_in_its_cell(
    rows: int, columns: int, gap: int, scale: int, border: int, channels: int
) -> None:
    source = pictures(rows * columns, channels)
    tiled = tile(
        source, rows=rows, columns=columns, gap_px=gap, scale=scale, border_px=border,
        background="white",
    )  # fmt: skip
    assert np.array_equal(tiled, by_hand(source, rows, columns, gap, scale, border))


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5])
def test_that_unused_cells_show_the_background(count: int) -> None:
    source = pictures(count)
    tiled = tile(source, rows=2, columns=3, gap_px=1, scale=2, background="white")
    assert np.array_equal(tiled, by_hand(source, 2, 3, 1, 2, 0))


def test_that_more_pictures_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="7 pictures do not fit in 2 × 3 cells"):
        tile(pictures(7), rows=2, columns=3)


def test_that_a_transparent_background_is_clear_between_opaque_pictures() -> None:
    source = pictures(4, channels=3)
    tiled = tile(source, rows=2, columns=2, gap_px=2, border_px=1, background="transparent")
    assert tiled.shape[2] == 4
    assert (tiled[1:4, 1:3, 3] == 255).all()
    assert np.array_equal(tiled[1:4, 1:3, :3], source[0])
    assert not tiled[:, 3:5].any()
    assert not tiled[0].any()


def test_that_grey_becomes_opaque_colour_when_alpha_is_needed() -> None:
    opaque = with_alpha(pictures(2))
    assert opaque.shape == (2, 3, 2, 4)
    assert (opaque[..., :3] == pictures(2)).all()
    assert (opaque[..., 3] == 255).all()


@pytest.mark.parametrize(("background", "value"), [("black", 0), ("white", 255)])
def test_that_an_empty_canvas_has_the_background(background: str, value: int) -> None:
    assert (blank(2, 3, 3, background) == value).all()  # type: ignore[arg-type]


def test_that_the_announced_size_is_the_size_drawn() -> None:
    tiled = tile(pictures(6), rows=2, columns=3, gap_px=4, scale=5, border_px=6)
    announced = tiled_size(2, 3, 3, 2, gap_px=4, scale=5, border_px=6)
    assert tiled.shape[1::-1] == announced
