"""Which steps and values a plot shows, and that it rests while the data does."""

from __future__ import annotations

import numpy as np

from vae_studio.domain.history import Series
from vae_studio.ui.widgets.step_window import StepWindow, ValueRange, robust_bounds


def test_that_a_fitted_window_holds_every_step_and_grows_in_leaps() -> None:
    window, rights = StepWindow(), []
    for count in range(1, 3000):
        window = window.grown(count, 10_000)
        assert window.left == 0
        assert window.right >= count
        rights.append(window.right)
    assert len(set(rights)) < 20


def test_that_the_axis_ends_at_the_planned_end() -> None:
    assert StepWindow().grown(3500, 3760).right == 3760
    assert StepWindow().grown(4000, 3760).right == 4000


def test_that_zooming_keeps_the_step_under_the_pointer() -> None:
    window = StepWindow().grown(1000, 2000)
    share = (400 - window.left) / window.span
    closer = window.zoomed(2, 400)
    assert abs(closer.left + share * closer.span - 400) < 1e-6
    assert closer.span == window.span / 2


def test_that_a_window_on_the_end_slides_with_it_and_another_rests() -> None:
    window = StepWindow().grown(1000, 5000).zoomed(4, 990)
    assert window.mode == "follow"
    later = window.grown(2000, 5000)
    assert later.left > 1000
    assert later.span == window.span
    past = StepWindow().grown(1000, 5000).zoomed(4, 100)
    assert past.mode == "free"
    assert past.grown(2000, 5000).left == past.left


def test_that_one_can_neither_zoom_into_nothing_nor_out_of_sight() -> None:
    window = StepWindow().grown(1000, 1000)
    for _ in range(60):
        window = window.zoomed(2, 500)
    assert window.span >= 8
    for _ in range(60):
        window = window.zoomed(0.5, 500)
    assert window.span <= 1.2 * 1000
    assert window.panned(1e9).left < 1000


def test_that_a_scale_rests_while_the_data_fits_it() -> None:
    scale = ValueRange().adapted(0, 200)
    assert scale.high >= 200
    assert scale.adapted(0, 195) is scale
    assert scale.adapted(0, 60).high < scale.high
    assert scale.adapted(0, 400).high >= 400


def test_that_the_first_steps_do_not_set_the_scale() -> None:
    values = np.full(1000, 140, np.float32)
    values[:20] = np.linspace(543, 200, 20)
    series = Series()
    series.append(values)
    curve = series.envelope(0, 1000, 800)
    assert robust_bounds([curve], 40) == (140, 140)
    assert robust_bounds([series.envelope(0, 10, 800)], 40) is not None


def test_that_a_series_of_holes_has_no_bounds() -> None:
    series = Series()
    series.append(np.full(100, np.nan, np.float32))
    assert robust_bounds([series.envelope(0, 100, 800)], 0) is None
