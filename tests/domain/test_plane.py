"""The plane through code space: what is seen under the mouse is what is decoded."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.domain.plane import LatentPlane, unit_label


def tilted(units: int = 6, seed: int = 0) -> LatentPlane:
    """A plane in any direction."""
    dice = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(dice.standard_normal((units, 2)))
    across, up = axes.T.astype(np.float32)
    return LatentPlane(dice.standard_normal(units).astype(np.float32), across, up, ("a", "b"))


def test_that_a_plane_of_units_moves_those_two_and_keeps_the_others() -> None:
    others = np.arange(5, dtype=np.float32)
    plane = LatentPlane.of_units(3, 1, others)
    assert plane.code_at(10.0, -20.0).tolist() == [0.0, -20.0, 2.0, 10.0, 4.0]
    assert plane.labels == ("z₄", "z₂")
    assert plane.units == 5
    assert plane.code_at(0.5, 0.5).dtype == np.float32
    assert others.tolist() == [0, 1, 2, 3, 4]


def test_that_later_changes_of_the_others_do_not_move_the_plane() -> None:
    others = np.zeros(3, np.float32)
    plane = LatentPlane.of_units(0, 1, others)
    others[2] = 9.0
    assert plane.code_at(0, 0)[2] == 0.0


@pytest.mark.parametrize("plane", [tilted(), LatentPlane.of_units(1, 4, np.ones(6, np.float32))])
def test_that_a_code_falls_back_on_the_point_it_was_picked_at(plane: LatentPlane) -> None:
    points = np.random.default_rng(1).uniform(-4, 4, (50, 2))
    codes = np.stack([plane.code_at(u, v) for u, v in points])
    np.testing.assert_allclose(plane.coordinates_of(codes), points, atol=1e-5)


def test_that_projection_is_orthogonal() -> None:
    plane = tilted()
    codes = np.random.default_rng(2).standard_normal((20, 6)).astype(np.float32)
    foot = np.stack([plane.code_at(u, v) for u, v in plane.coordinates_of(codes)])
    off = codes - foot
    np.testing.assert_allclose(off @ plane.across_D, 0.0, atol=1e-5)
    np.testing.assert_allclose(off @ plane.up_D, 0.0, atol=1e-5)


@pytest.mark.parametrize("plane", [tilted(), LatentPlane.of_units(0, 1, np.zeros(2, np.float32))])
def test_that_the_grid_is_the_plane_at_the_centres_of_its_cells_top_row_first(
    plane: LatentPlane,
) -> None:
    left, right, bottom, top = -3.0, 5.0, -1.0, 2.0
    rows, columns = 3, 4
    codes = plane.grid(rows, columns, (left, right, bottom, top))
    assert codes.shape == (rows * columns, plane.units)
    assert codes.dtype == np.float32
    for row in range(rows):
        for column in range(columns):
            u = left + (column + 0.5) * 2.0
            v = top - (row + 0.5) * 1.0
            np.testing.assert_allclose(
                codes[row * columns + column], plane.code_at(u, v), atol=1e-5
            )


def test_that_a_model_of_one_unit_has_a_line() -> None:
    plane = LatentPlane.of_units(0, 0, np.array([7.0], np.float32))
    assert plane.code_at(2.0, 99.0).tolist() == [2.0]
    assert plane.coordinates_of(np.array([[3.0], [-1.0]], np.float32)).tolist() == [[3, 0], [-1, 0]]
    assert plane.grid(2, 3, (-3, 3, -1, 1)).ravel().tolist() == [-2, 0, 2, -2, 0, 2]


@pytest.mark.parametrize(("first", "second"), [(-1, 0), (0, 3), (3, 0), (5, 5)])
def test_that_units_the_model_does_not_have_are_refused(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="are not both among 3"):
        LatentPlane.of_units(first, second, np.zeros(3, np.float32))


def test_that_units_are_counted_from_one() -> None:
    assert [unit_label(unit) for unit in (0, 9, 122)] == ["z₁", "z₁₀", "z₁₂₃"]


def test_that_no_codes_have_no_coordinates() -> None:
    assert tilted().coordinates_of(np.empty((0, 6), np.float32)).shape == (0, 2)
