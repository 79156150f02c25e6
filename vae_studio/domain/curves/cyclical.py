"""Saw teeth: climb, hold, start again."""

from __future__ import annotations

from vae_studio.domain.cards import Card
from vae_studio.domain.schedules import Schedule

CARD = Card(
    name="cyclical",
    label="cyclical",
    help="Climbs and starts again several times; a learning rate falls and starts again.",
    source="Fu 2019 (1903.10145)",
    order=50,
    uses=("cycles", "ramp"),
)


def climb(share: float, schedule: Schedule) -> float:
    """``cycles`` teeth: each climbs over its share ``ramp``, then holds; 1 after the last."""
    if share >= 1.0 or schedule.cycles <= 0:
        return 1.0
    within = round(share * schedule.cycles, 9) % 1.0  # 0.58 × 50 is 28.999999999999996
    return 1.0 if schedule.ramp <= 0 else min(1.0, within / schedule.ramp)


def fall(share: float, schedule: Schedule) -> float:
    """Each tooth from 1 to 0."""
    return 1.0 - climb(share, schedule)
