"""Schedules are pure functions of the step with factors in [0, 1]."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import pytest

from vae_studio.domain.config import RunConfig, knobs, value_at, with_value
from vae_studio.domain.schedules import (
    FLOOR,
    QUANTITIES,
    Schedule,
    curves,
    settings_in_use,
)

CURVES = tuple(curves())
LINE = "0.1:0.2, 0.4:0.9, 0.9:0"


def factor(curve: str, step: int, total: int, **fields) -> float:
    described = {"warmup": 0.1, "cycles": 4, "ramp": 0.5, "points": LINE, **fields}
    return Schedule(1.0, curve, **described).factor(step, total)


def test_that_every_curve_of_the_list_is_there() -> None:
    assert CURVES == ("constant", "linear", "cosine", "sigmoid", "cyclical", "polyline")


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_that_every_factor_lies_between_nothing_and_the_target(
    curve: str, total: int, falls: bool
) -> None:
    for warmup in (0.0, 0.3, 1.0):
        for cycles, ramp in ((1, 0.0), (3, 0.5), (50, 1.0)):
            for step in range(total + 5):
                shaped = {"warmup": warmup, "cycles": cycles, "ramp": ramp, "falls": falls}
                assert 0.0 <= factor(curve, step, total, **shaped) <= 1.0


@pytest.mark.parametrize("curve", [curve for curve in CURVES if curve != "polyline"])
def test_that_every_climb_ends_at_its_target_and_stays_there(curve: str) -> None:
    assert [factor(curve, step, 100) for step in (100, 101, 10_000)] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("curve", ["linear", "cosine", "sigmoid"])
def test_that_a_warm_up_never_goes_down_and_is_half_way_in_its_middle(curve: str) -> None:
    values = [factor(curve, step, 1000, warmup=0.8) for step in range(1001)]
    assert values[0] == 0.0
    assert values[400] == pytest.approx(0.5)
    assert values[800] == 1.0
    assert values == sorted(values)
    assert factor(curve, 0, 1000, warmup=0.0) == 1.0


def test_that_a_constant_is_the_target_from_the_first_step() -> None:
    assert factor("constant", 0, 100) == 1.0
    assert factor("constant", 0, 100, falls=True) == 1.0


def test_that_linear_warm_up_is_a_straight_line() -> None:
    assert factor("linear", 50, 1000) == 0.5
    assert factor("linear", 25, 1000) == 0.25


@pytest.mark.parametrize(("curve", "flatter"), [("cosine", 10), ("sigmoid", 25)])
def test_that_a_smooth_warm_up_starts_flat(curve: str, flatter: int) -> None:
    values = [factor(curve, step, 1000) for step in range(101)]
    assert values[1] - values[0] < (values[51] - values[50]) / flatter


def test_that_the_sigmoid_is_the_logistic_function_stretched_to_its_ends() -> None:
    def logistic(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    for step in range(101):
        plain = logistic(12 * (step / 100 - 0.5))
        stretched = (plain - logistic(-6)) / (logistic(6) - logistic(-6))
        assert factor("sigmoid", step, 100, warmup=1.0) == pytest.approx(stretched, abs=1e-12)


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


def test_that_a_drawn_line_is_followed_in_both_directions() -> None:
    for falls in (False, True):
        drawn = [factor("polyline", step, 100, falls=falls) for step in (0, 10, 25, 40, 65, 95)]
        assert drawn == pytest.approx([0.2, 0.2, 0.55, 0.9, 0.45, 0.0])


@pytest.mark.parametrize("curve", ["linear", "cosine", "sigmoid"])
def test_that_a_falling_rate_warms_up_and_ends_at_its_floor(curve: str) -> None:
    values = [factor(curve, step, 1000, warmup=1.0, falls=True) for step in range(1001)]
    assert values[0] == pytest.approx(1 / 51)
    assert values[:50] == sorted(values[:50])
    assert values[50] == 1.0
    assert values[50:] == sorted(values[50:], reverse=True)
    assert values[525] == pytest.approx(FLOOR + (1 - FLOOR) / 2)
    assert values[1000] == pytest.approx(FLOOR)
    assert factor(curve, 5000, 1000, warmup=1.0, falls=True) == pytest.approx(FLOOR)


def test_that_a_cyclical_rate_starts_again_at_its_top() -> None:
    values = [factor("cyclical", step, 1000, ramp=1.0, falls=True) for step in range(1000)]
    tops = [step for step in range(51, 1000) if values[step] > values[step - 1]]
    assert len(tops) == 3
    assert all(values[step] == pytest.approx(1.0, abs=0.01) for step in tops)


def rate_of_old(step: int, total: int) -> float:
    """The decay as the first versions had it; their runs must resume to the bit."""
    warmup, floor = min(100, total // 20), 0.01
    if step < warmup:
        return (step + 1) / (warmup + 1)
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * progress))


@pytest.mark.parametrize("total", [1, 19, 20, 430, 937, 12_345])
def test_that_old_runs_keep_the_bits_of_their_learning_rate(total: int) -> None:
    schedule = QUANTITIES["learning_rate"].schedule(RunConfig())
    old = [RunConfig().train.learning_rate * rate_of_old(step, total) for step in range(total + 2)]
    assert [schedule.at(step, total) for step in range(total + 2)] == old


def test_that_a_cosine_made_of_its_climb_would_round_otherwise() -> None:
    mirrored = [
        FLOOR + (1 - FLOOR) * (1 - factor("cosine", s, 937, warmup=1.0)) for s in range(937)
    ]
    plain = [FLOOR + 0.99 * 0.5 * (1 + math.cos(math.pi * (s / 937))) for s in range(937)]
    assert mirrored != plain


def test_that_the_same_step_always_has_the_same_value() -> None:
    dice = random.Random(4)
    steps = [dice.randrange(1000) for _ in range(300)]
    for quantity in QUANTITIES.values():
        for curve in CURVES:
            schedule = quantity.schedule(with_value(RunConfig(), quantity.curve, curve))
            forward = {step: schedule.at(step, 1000) for step in sorted(steps)}
            assert [schedule.at(step, 1000) for step in steps] == [forward[step] for step in steps]


def test_that_without_a_wish_beta_and_noise_are_those_of_the_elbo() -> None:
    config = RunConfig()
    for name in ("beta", "temperature"):
        schedule = QUANTITIES[name].schedule(config)
        assert {schedule.at(step, 100) for step in range(101)} == {1.0}


def test_that_capacity_grows_over_four_fifths_of_the_run() -> None:
    schedule = QUANTITIES["capacity"].schedule(RunConfig())
    values = [schedule.at(step, 1000) for step in (0, 400, 800, 1000)]
    assert values == pytest.approx([0.0, 12.5, 25.0, 25.0])


def test_that_every_setting_of_a_quantity_has_a_live_knob() -> None:
    live = {knob.path for knob in knobs() if knob.live}
    for quantity in QUANTITIES.values():
        assert quantity.paths <= live
        assert value_at(RunConfig(), quantity.curve) in CURVES


@pytest.mark.parametrize("curve", CURVES)
def test_that_every_setting_in_use_changes_the_curve_and_no_other_does(curve: str) -> None:
    config = with_value(RunConfig(), "objective.schedule", curve)
    other = {
        "objective.warmup": 0.77, "objective.cycles": 7, "objective.ramp": 0.9,
        "objective.schedule_points": "0:1, 1:0.5",
    }  # fmt: skip
    in_use = settings_in_use(config, uses=("beta",))
    before = [QUANTITIES["beta"].schedule(config).at(step, 100) for step in range(100)]
    for path, value in other.items():
        changed = QUANTITIES["beta"].schedule(with_value(config, path, value))
        assert in_use[path] == ([changed.at(step, 100) for step in range(100)] != before)


def test_that_capacity_is_in_use_only_where_the_objective_says_so() -> None:
    paths = ("objective.capacity", "objective.capacity_schedule", "objective.capacity_warmup")
    for uses, wanted in (((), False), (("capacity",), True)):
        in_use = settings_in_use(RunConfig(), uses)
        assert {in_use[path] for path in paths} == {wanted}
        assert in_use["train.learning_rate"]


def test_that_cycles_are_in_use_when_any_quantity_is_cyclical() -> None:
    config = with_value(RunConfig(), "train.lr_schedule", "cyclical")
    assert settings_in_use(config, ())["objective.cycles"]
    hidden = with_value(RunConfig(), "objective.capacity_schedule", "cyclical")
    assert not settings_in_use(hidden, ("beta",))["objective.cycles"]


def test_that_teeth_climb_and_hold() -> None:
    values = [factor("cyclical", step, 400) for step in range(100)]
    assert all(later >= earlier for earlier, later in pairwise(values))
    assert values[50:] == [1.0] * 50
