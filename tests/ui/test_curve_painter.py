"""Curves are drawn column by column, exactly, with their holes."""

from __future__ import annotations

import numpy as np

from vae_studio.domain.history import Series
from vae_studio.ui.widgets.column_raster import ColumnRaster, centres, extremes
from vae_studio.ui.widgets.curve_painter import smoothed


def opacity(raster: ColumnRaster) -> np.ndarray:
    image = raster.image()
    return np.array(
        [
            [image.pixelColor(x, y).alpha() for x in range(image.width())]
            for y in range(image.height())
        ]
    )


def test_that_a_band_covers_its_columns_and_nothing_else() -> None:
    raster = ColumnRaster(4, 10)
    raster.fill_band(np.array([2, 2, np.nan, 8.0]), np.array([4, 4, np.nan, 30.0]), "#ffffff", 1)
    covered = opacity(raster) == 255
    assert covered[2:5, :2].all()
    assert covered[8:, 3].all()
    assert covered.sum() == 3 * 2 + 2


def test_that_a_level_line_is_as_thick_as_asked() -> None:
    raster = ColumnRaster(6, 20)
    raster.draw_line(np.full(6, 10.0), "#ff0000", 2.0)
    seen = opacity(raster) / 255
    assert np.allclose(seen.sum(axis=0), 2.0, atol=0.02)
    assert seen[9:11].min() > 0.99


def test_that_a_line_between_pixels_is_shared_by_both() -> None:
    raster = ColumnRaster(6, 20)
    raster.draw_line(np.full(6, 10.5), "#ff0000", 1.0)
    assert opacity(raster)[10].min() == 255
    raster = ColumnRaster(6, 20)
    raster.draw_line(np.full(6, 10.0), "#ff0000", 1.0)
    assert set(opacity(raster)[9:11].ravel().tolist()) == {128}


def test_that_a_curve_beyond_the_picture_does_no_harm() -> None:
    raster = ColumnRaster(4, 10)
    raster.draw_line(np.array([-1e6, 5, 1e6, np.nan]), "#ff0000", 2.0)
    raster.fill_band(np.full(4, -1e9), np.full(4, -1e8), "#ff0000", 1)
    assert opacity(raster).shape == (10, 4)


def test_that_every_spike_between_two_columns_is_seen() -> None:
    x_N = np.linspace(0, 9.999, 1000)
    low_N, high_N = np.zeros(1000), np.ones(1000)
    low_N[333], high_N[777] = -50.0, 50.0
    lowest, highest = extremes(x_N, low_N, high_N, 10)
    assert lowest.min() == -50
    assert highest.max() == 50
    assert (np.delete(lowest, 3) == 0).all()


def test_that_sparse_points_are_joined_by_straight_lines() -> None:
    assert np.allclose(
        centres(np.array([0.0, 10.0]), np.array([0.0, 10.0]), 10), np.arange(10) + 0.5
    )
    lowest, _ = extremes(np.array([0.0, 10.0]), np.array([0.0, 10.0]), np.array([0.0, 10.0]), 10)
    assert np.allclose(lowest, np.arange(10))


def test_that_smoothing_keeps_a_level_and_its_holes() -> None:
    values = np.full(200, 140, np.float32)
    values[50], values[60] = np.nan, np.inf
    line = smoothed(values, 6)
    assert np.isnan(line[[50, 60]]).all()
    assert np.allclose(np.delete(line, [50, 60]), 140)


def test_that_smoothing_calms_noise_without_moving_it() -> None:
    noise = np.random.default_rng(0).normal(0, 1, 2000).astype(np.float32)
    line = smoothed(noise, 8)
    assert line.std() < 0.3
    assert abs(line.mean()) < 0.1


def test_that_a_million_batches_are_read_at_screen_width() -> None:
    series = Series()
    series.append(np.random.default_rng(0).normal(140, 4, 1_000_000).astype(np.float32))
    assert len(series.envelope(0, 1_000_000, 800).steps) <= 2 * 800 + 2
