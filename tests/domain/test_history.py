"""Curves at the width of the screen show what the exact values show."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from vae_studio.domain.history import Envelope, MetricHistory, Series


def series_of(values: np.ndarray, *, seed: int = 0) -> Series:
    """The values appended in chunks of odd lengths."""
    dice, series, at = np.random.default_rng(seed), Series(), 0
    while at < len(values):
        length = int(dice.integers(1, 40))
        series.append(values[at : at + length])
        at += length
    return series


def slow_envelope(values: np.ndarray, first: int, end: int, bucket: int) -> Envelope:
    """The definition, one bucket after the other."""
    starts = range(first // bucket * bucket, end, bucket)
    parts = []
    for start in starts:
        stop = start + bucket
        if stop > len(values):
            stop = min(end, len(values))  # values too new to fill a bucket
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            part = values[start:stop].astype(np.float64)
            parts.append(
                ((start + stop - 1) / 2, np.nanmin(part), np.nanmax(part), np.nanmean(part))
            )
    steps, low, high, mean = np.array(parts).reshape(-1, 4).T
    return Envelope(steps, low.astype(np.float32), high.astype(np.float32), mean)


def assert_same(found: Envelope, wanted: Envelope) -> None:
    np.testing.assert_array_equal(found.steps, wanted.steps)
    np.testing.assert_array_equal(found.low, wanted.low)
    np.testing.assert_array_equal(found.high, wanted.high)
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=2e-6, atol=1e-6)


def holed(count: int, share: float, seed: int) -> np.ndarray:
    dice = np.random.default_rng(seed)
    values = dice.standard_normal(count).astype(np.float32)
    values[dice.random(count) < share] = np.nan
    return values


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_that_any_window_at_any_width_matches_the_definition(share: float, seed: int) -> None:
    dice = np.random.default_rng(seed)
    count = int(dice.integers(1, 5000))
    values = holed(count, share, seed)
    series = series_of(values, seed=seed)
    for _ in range(10):
        first, end = sorted(dice.integers(0, count + 1, 2).tolist())
        width = int(dice.integers(1, 300))
        level = 0
        while (end - first) >> level > 2 * width:
            level += 1
        if first == end:
            assert len(series.envelope(first, end, width).steps) == 0
            continue
        found = series.envelope(first, end, width)
        assert_same(found, slow_envelope(values, first, end, 1 << level))
        assert len(found.steps) <= 2 * width + 2


def test_that_a_gap_does_not_hide_the_curve_beside_it() -> None:
    series = Series()
    series.append(np.full(4097, np.nan, np.float32))
    series.append(np.arange(3 * 4096, dtype=np.float32))
    whole = series.envelope(0, len(series), 4)
    assert np.isnan(whole.mean[0])
    assert np.isfinite(whole.mean[-4:]).all()
    assert np.nanmin(whole.low) == 0.0
    assert np.nanmax(whole.high) == 3 * 4096 - 1


def test_that_plain_minimum_and_mean_would_lose_the_curve() -> None:
    values = np.append(np.full(1, np.nan, np.float32), np.ones(4095, np.float32))
    assert np.isnan(values.min())  # what a summary without care for holes would show
    assert series_of(values).envelope(0, 4096, 1).mean[0] == 1.0


def test_that_the_mean_weighs_values_and_not_buckets() -> None:
    values = np.full(1024, np.nan, np.float32)
    values[:512] = 1.0
    values[1023] = 1000.0
    mean = series_of(values).envelope(0, 1024, 1).mean
    assert np.nanmean(values) == pytest.approx(np.average(mean, weights=[512, 1]), rel=1e-6)


def test_that_infinities_stay_where_they_are_and_warn_nobody() -> None:
    values = np.ones(3000, np.float32)
    values[1500], values[2900] = np.inf, -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = series_of(values).envelope(0, 3000, 10)
    assert np.isinf(found.high).sum() == 1
    assert np.isinf(found.low).sum() == 1
    assert np.isinf(found.mean).sum() == 2


def test_that_a_window_beyond_the_curve_is_clipped_to_it() -> None:
    series = series_of(np.arange(10, dtype=np.float32))
    assert series.envelope(-50.5, 1e12, 100).mean.tolist() == list(range(10))
    assert series.envelope(-np.inf, np.inf, 100).mean.tolist() == list(range(10))
    assert series.envelope(3.5, 5.5, 100).mean.tolist() == [3, 4, 5]
    for start, stop in ((20, 30), (-5, -1), (5, 5), (7, 3)):
        assert len(series.envelope(start, stop, 100).steps) == 0
    assert len(Series().envelope(0, 100, 100).steps) == 0


def test_that_values_and_last_are_exact() -> None:
    values = holed(3000, 0.1, 3)
    series = series_of(values)
    np.testing.assert_array_equal(series.values(), values)
    np.testing.assert_array_equal(series.values(100, 2500), values[100:2500])
    assert np.isnan(Series().last())
    series.append([np.float64(0.5)])
    assert series.last() == 0.5
    assert len(series) == 3001


def test_that_reading_touches_as_little_however_long_the_run_is() -> None:
    series = series_of(np.zeros(200_000, np.float32))
    for stop in (2_000, 20_000, 200_000):
        assert len(series.envelope(0, stop, 500).steps) <= 1002


def test_that_a_chunk_fills_a_gap_with_holes_and_drops_what_overlaps() -> None:
    history = MetricHistory()
    history.append(5, {"loss": np.array([5.0, 6.0])})
    history.append(6, {"loss": np.array([-1.0, 7.0]), "rate": np.array([60.0, 70.0])})
    history.append(0, {"loss": np.array([1.0, 2.0])})
    loss, rate = history.series("loss").values(), history.series("rate").values()
    np.testing.assert_array_equal(loss, [np.nan] * 5 + [5, 6, 7])
    np.testing.assert_array_equal(rate, [np.nan] * 6 + [60, 70])
    assert len(history) == 8
    assert history.names == ("loss", "rate")


def test_that_validation_columns_stay_in_step_with_their_steps() -> None:
    history = MetricHistory()
    history.append_validation(10, {"total": 1.0})
    history.append_validation(20, {"total": 2.0, "rate": 0.5})
    history.append_validation(30, {"rate": 0.25})
    assert history.validation_steps == [10, 20, 30]
    np.testing.assert_array_equal(history.validation["total"], [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(history.validation["rate"], [np.nan, 0.5, 0.25])
