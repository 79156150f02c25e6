"""The logistic curve: level, steep in the middle, level."""

from __future__ import annotations

import math

from vae_studio.domain.cards import Card
from vae_studio.domain.curves import linear
from vae_studio.domain.schedules import Schedule

STEEPNESS = 12.0  # the logistic function from −6 to 6, then stretched to reach 0 and 1

CARD = Card(
    name="sigmoid",
    label="sigmoid",
    help="Climbs along a logistic curve, most of it half way; a learning rate falls along it.",
    source="Bowman 2016 (1511.06349)",
    order=40,
    uses=("warmup",),
)


def climb(share: float, schedule: Schedule) -> float:
    """From 0 to 1 over the first ``warmup`` share of the run."""
    half = math.tanh(STEEPNESS / 4)  # σ(x) = ½ + ½ tanh(x / 2)
    bent = math.tanh(STEEPNESS / 2 * (linear.climb(share, schedule) - 0.5))
    return 0.5 + 0.5 * (bent / half)


def fall(share: float, schedule: Schedule) -> float:
    """From 1 to 0."""
    return 1.0 - climb(share, schedule)
