"""What is in force at a step: turning a knob changes the steps ahead and none behind."""

from __future__ import annotations

import random

import pytest

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import KnobTurned
from vae_studio.domain.live_config import LiveConfig
from vae_studio.domain.schedules import QUANTITIES, curves

STEPS = 200


class Forgetful(LiveConfig):
    """The broken variant: the newest settings hold for the whole run."""

    def at(self, step: int) -> RunConfig:
        return super().at(self.total_steps)


def any_edit(dice: random.Random) -> tuple[str, float | str]:
    quantity = dice.choice(list(QUANTITIES.values()))
    return dice.choice([
        (quantity.target, dice.choice([0.1, 0.5, 0.9])),
        (quantity.curve, dice.choice(list(curves()))),
        (quantity.points, f"0:{dice.random()}, {dice.uniform(0.1, 1)}:{dice.random()}"),
        ("objective.warmup", dice.random()),
        ("objective.cycles", dice.randint(1, 9)),
    ])  # fmt: skip


def values_of(live: LiveConfig) -> list[tuple[float, ...]]:
    return [tuple(live.value(name, step) for name in QUANTITIES) for step in range(STEPS)]


def changes_of_the_past(kind: type[LiveConfig], seed: int = 5) -> int:
    """Of the edits of 20 random runs, how many changed a step that was over."""
    dice, changed = random.Random(seed), 0
    for _ in range(20):
        live, now = kind(RunConfig(), STEPS), 0
        while now < STEPS:
            before = values_of(live)
            live.turn(now, *any_edit(dice))
            changed += values_of(live)[:now] != before[:now]
            now += dice.randrange(60)
    return changed


def test_that_no_edit_ever_changes_a_step_that_is_over() -> None:
    assert changes_of_the_past(LiveConfig) == 0


def test_that_a_run_without_memory_would_be_caught() -> None:
    assert changes_of_the_past(Forgetful) > 20


def test_that_the_part_ahead_follows_the_edit() -> None:
    live = LiveConfig(with_value(RunConfig(), "objective.schedule", "polyline"), 100)
    live.turn(50, "objective.schedule_points", "0:0, 0.5:1, 1:0")
    assert [live.beta(step) for step in (0, 10, 49)] == pytest.approx([0.0, 1.0, 1.0])
    assert [live.beta(step) for step in (50, 75, 100)] == pytest.approx([1.0, 0.5, 0.0])


def test_that_the_list_of_edits_is_all_it_takes_to_be_the_same_again() -> None:
    dice, live = random.Random(8), LiveConfig(RunConfig(), STEPS)
    for now in (3, 50, 50, 120):
        live.turn(now, *any_edit(dice))
    again = LiveConfig(RunConfig(), STEPS, live.turned)
    backwards = [again.beta(step) for step in reversed(range(STEPS))]
    assert backwards[::-1] == [live.beta(step) for step in range(STEPS)]


def test_that_a_later_wish_wins_over_one_left_ahead_by_an_earlier_life() -> None:
    live = LiveConfig(RunConfig(), STEPS, [KnobTurned(150, "objective.beta", 9.0)])
    assert live.beta(160) == 9.0
    live.turn(120, "objective.beta", 2.0)
    assert [live.beta(step) for step in (119, 120, 149, 150, 199)] == [1.0, 2.0, 2.0, 2.0, 2.0]


def test_that_an_edit_is_remembered_as_it_will_be_written() -> None:
    live = LiveConfig(RunConfig(), STEPS)
    turned = live.turn(7, "train.lr_points", "0.0:1.0,1:.5")
    assert turned == KnobTurned(7, "train.lr_points", "0:1, 1:0.5")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("objective.objective", "elbo", "decided when a run starts"),
        ("objective.schedule", "steps", "no curve 'steps'; use one of: constant"),
        ("objective.schedule_points", "0:0", "needs 2 to 100 points"),
        ("objective.temperature", -1.0, "at least 0"),
    ],
)
def test_that_a_wrong_edit_is_refused_and_forgotten(path: str, value, words: str) -> None:
    live = LiveConfig(RunConfig(), STEPS)
    with pytest.raises(StudioError, match=words):
        live.turn(3, path, value)
    assert live.turned == []
