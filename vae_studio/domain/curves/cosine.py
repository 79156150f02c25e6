"""Half a cosine: it starts and ends level."""

from __future__ import annotations

import math

from vae_studio.domain.cards import Card
from vae_studio.domain.curves import linear
from vae_studio.domain.schedules import Schedule

CARD = Card(
    name="cosine",
    label="cosine",
    help="Climbs along half a cosine to its target; a learning rate falls over the whole run.",
    source="Loshchilov & Hutter 2017 (1608.03983), without restarts",
    order=30,
    uses=("warmup",),
)


def climb(share: float, schedule: Schedule) -> float:
    """From 0 to 1 over the first ``warmup`` share of the run."""
    return 0.5 - 0.5 * math.cos(math.pi * linear.climb(share, schedule))


def fall(share: float, schedule: Schedule) -> float:
    """From 1 to 0; not 1 − climb, which rounds otherwise: runs of old must resume to the bit."""
    return 0.5 * (1.0 + math.cos(math.pi * linear.climb(share, schedule)))
