"""Schedules are pure functions of the step with values in [0, 1]."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from vae_studio.domain.schedules import KINDS, annealing_factor, cosine_decay


def factor(kind: str, step: int, total: int, **fields) -> float:
    return annealing_factor(
        kind, step, total, **{"warmup": 0.1, "cycles": 4, "ramp": 0.5, **fields}
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_that_every_factor_lies_between_nothing_and_the_target(kind: str, total: int) -> None:
    for warmup in (0.0, 0.3, 1.0):
        for cycles, ramp in ((1, 0.0), (3, 0.5), (50, 1.0)):
            for step in range(total + 5):
                value = factor(kind, step, total, warmup=warmup, cycles=cycles, ramp=ramp)
                assert 0.0 <= value <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_schedule_ends_at_its_target_and_stays_there(kind: str) -> None:
    assert [factor(kind, step, 100) for step in (100, 101, 10_000)] == [1.0, 1.0, 1.0]


def test_that_a_constant_is_the_target_from_the_first_step() -> None:
    assert factor("constant", 0, 100) == 1.0


def test_that_linear_warm_up_climbs_over_its_share_of_the_run() -> None:
    assert factor("linear", 0, 1000) == 0.0
    assert factor("linear", 50, 1000) == 0.5
    assert factor("linear", 100, 1000) == 1.0
    assert factor("linear", 0, 1000, warmup=0.0) == 1.0


def test_that_cosine_warm_up_starts_and_ends_flat() -> None:
    values = [factor("cosine", step, 1000) for step in range(101)]
    assert values[0] == 0.0
    assert values[50] == pytest.approx(0.5)
    assert values[100] == 1.0
    assert values == sorted(values)
    assert values[1] - values[0] < (values[51] - values[50]) / 10


def exact_tooth(step: int, total: int, cycles: int, ramp: Fraction) -> float:
    within = Fraction(step * cycles, total) % 1
    return float(min(Fraction(1), within / ramp))


@pytest.mark.parametrize(("total", "cycles"), [(100, 4), (100, 50), (49, 7), (1001, 11), (937, 3)])
def test_that_every_tooth_starts_at_exactly_its_step(total: int, cycles: int) -> None:
    for step in range(total):
        found = factor("cyclical", step, total, cycles=cycles, ramp=0.5)
        assert found == pytest.approx(exact_tooth(step, total, cycles, Fraction(1, 2)), abs=1e-8)


def test_that_rounding_of_the_plain_formula_would_miss_the_start_of_a_tooth() -> None:
    missed = [step for step in range(0, 100, 2) if (step / 100 * 50) % 1.0 > 0.999]
    assert missed
    assert all(factor("cyclical", step, 100, cycles=50) == 0.0 for step in missed)


def test_that_the_learning_rate_warms_up_and_falls_to_its_floor() -> None:
    values = [cosine_decay(step, 1000, warmup_steps=50) for step in range(1001)]
    assert values[0] == pytest.approx(1 / 51)
    assert values[:50] == sorted(values[:50])
    assert values[50] == 1.0
    assert values[50:] == sorted(values[50:], reverse=True)
    assert values[525] == pytest.approx(0.01 + 0.99 / 2)
    assert values[1000] == pytest.approx(0.01)
    assert cosine_decay(5000, 1000, warmup_steps=50) == pytest.approx(0.01)


def test_that_a_run_shorter_than_its_warm_up_still_has_a_rate() -> None:
    for total in (0, 1, 10):
        for step in range(total + 60):
            assert 0.0 < cosine_decay(step, total, warmup_steps=50) <= 1.0
    assert math.isclose(cosine_decay(0, 10, warmup_steps=0), 1.0)
