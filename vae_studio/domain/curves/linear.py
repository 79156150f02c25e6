"""A straight line to the target."""

from __future__ import annotations

from vae_studio.domain.cards import Card
from vae_studio.domain.schedules import Schedule

CARD = Card(
    name="linear",
    label="linear",
    help="Climbs in a straight line to its target; a learning rate falls over the whole run.",
    source="Bowman 2016 (1511.06349)",
    order=20,
    uses=("warmup",),
)


def climb(share: float, schedule: Schedule) -> float:
    """From 0 to 1 over the first ``warmup`` share of the run."""
    return 1.0 if schedule.warmup <= 0 else min(1.0, share / schedule.warmup)


def fall(share: float, schedule: Schedule) -> float:
    """From 1 to 0."""
    return 1.0 - climb(share, schedule)
