"""A line drawn by hand."""

from __future__ import annotations

from vae_studio.domain import polyline
from vae_studio.domain.cards import Card
from vae_studio.domain.schedules import Schedule

CARD = Card(
    name="polyline",
    label="drawn",
    help="Follows a line of points drawn by hand: share of the run, factor on the target.",
    order=60,
    uses=("points",),
)


def climb(share: float, schedule: Schedule) -> float:
    """The line itself; so does a learning rate, which has no warm-up and no floor of its own."""
    return polyline.value_at(polyline.parse(schedule.points), share)


fall = None
