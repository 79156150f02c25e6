"""Ticks are round, labels have the digits they need and a true minus."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from vae_studio.ui.widgets import axis


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3.1, 3.1), (0, 2574), (130.2, 131.9), (0, 9e8)]
)
def test_that_ticks_are_evenly_spaced_inside_the_range(low: float, high: float) -> None:
    marks = axis.ticks(low, high, 6)
    assert 2 <= len(marks) <= 7
    assert all(low - 1e-6 <= mark <= high * (1 + 1e-9) for mark in marks)
    gaps = [b - a for a, b in pairwise(marks)]
    assert max(gaps) == pytest.approx(min(gaps))


def test_that_steps_are_never_fractions_of_a_batch() -> None:
    assert all(mark == int(mark) for mark in axis.ticks(0, 3, 8, whole=True))


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(-2, 1, "−2"), (0.25, 0.25, "0.25"), (2500, 500, "2,500"), (-0.0, 0.5, "0.0")],
)
def test_that_a_label_has_the_digits_its_ticks_need(value: float, step: float, text: str) -> None:
    assert axis.tick_label(value, step) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(543.2101, "543.2"), (6.70123, "6.701"), (1.0, "1"), (0.0, "0"), (0.25, "0.25"),
     (140.0, "140"), (math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞"), (1.2e-7, "1.2e−07")],
)  # fmt: skip
def test_that_a_read_out_has_four_digits(value: float, text: str) -> None:
    assert axis.short(value) == text


def test_that_logarithmic_ticks_are_ones_twos_and_fives() -> None:
    assert axis.log_ticks(0.9, 60) == pytest.approx([1, 2, 5, 10, 20, 50])
    assert axis.log_ticks(1e-4, 1e4) == pytest.approx([10.0**n for n in range(-4, 5)])
