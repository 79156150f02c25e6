"""The target from the first step to the last."""

from __future__ import annotations

from vae_studio.domain.cards import Card
from vae_studio.domain.schedules import Schedule

CARD = Card(name="constant", label="constant", help="Holds its target all the time.", order=10)


def climb(share: float, schedule: Schedule) -> float:
    """Always 1."""
    return 1.0


fall = None
