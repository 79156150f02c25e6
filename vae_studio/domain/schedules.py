"""A value as a pure function of the step: nothing is stored, so resuming cannot drift.

Every function answers a factor in [0, 1]; the caller multiplies it by the target value.
``progress`` is ``step / total_steps`` and may exceed 1 (the value then stays where it ended).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


def constant(progress: float, *, warmup: float, cycles: int, ramp: float) -> float:
    """Always the target."""
    return 1.0


def linear(progress: float, *, warmup: float, cycles: int, ramp: float) -> float:
    """From 0 to the target over the first ``warmup`` share of the run (Bowman 2016)."""
    return 1.0 if warmup <= 0 else min(1.0, progress / warmup)


def cosine(progress: float, *, warmup: float, cycles: int, ramp: float) -> float:
    """Half a cosine from 0 to the target over the first ``warmup`` share of the run."""
    return 0.5 - 0.5 * math.cos(math.pi * linear(progress, warmup=warmup, cycles=1, ramp=1.0))


def cyclical(progress: float, *, warmup: float, cycles: int, ramp: float) -> float:
    """``cycles`` saw teeth: each climbs over its share ``ramp``, then holds (Fu 2019)."""
    if progress >= 1.0 or cycles <= 0:
        return 1.0
    within = round(progress * cycles, 9) % 1.0  # 0.58 × 50 is 28.999999999999996
    return 1.0 if ramp <= 0 else min(1.0, within / ramp)


@dataclass(frozen=True)
class ScheduleKind:
    """A shape of annealing: the pure function and how it is shown."""

    name: str
    label: str
    help: str
    shape: Callable[..., float]


KINDS: dict[str, ScheduleKind] = {
    kind.name: kind
    for kind in (
        ScheduleKind("constant", "constant", "β holds its target from the first step.", constant),
        ScheduleKind(
            "linear", "linear warm-up", "β climbs in a straight line to its target.", linear
        ),
        ScheduleKind("cosine", "cosine warm-up", "β climbs smoothly to its target.", cosine),
        ScheduleKind(
            "cyclical", "cyclical", "β climbs and starts again several times (Fu 2019).", cyclical
        ),
    )
}


def annealing_factor(
    kind: str, step: int, total_steps: int, *, warmup: float, cycles: int, ramp: float
) -> float:
    """The factor on the target at ``step`` (0-based) of ``total_steps``."""
    progress = step / max(1, total_steps)
    return KINDS[kind].shape(progress, warmup=warmup, cycles=cycles, ramp=ramp)


def cosine_decay(step: int, total_steps: int, *, warmup_steps: int, floor: float = 0.01) -> float:
    """Learning-rate factor: linear climb over ``warmup_steps``, then half a cosine to ``floor``."""
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    progress = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * progress))
