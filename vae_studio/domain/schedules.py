"""Quantities that move over the run, each a pure function of the step: nothing is stored, so
resuming cannot drift.

``Quantity`` says which settings describe it, ``Schedule`` is that description at one moment, and
the curves themselves stand in ``domain.curves``, one file each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from vae_studio.domain.cards import Card, read_cards
from vae_studio.domain.config import RunConfig, value_at

FLOOR = 0.01  # where a falling quantity ends: the last steps of Adam still move
LONGEST_WARMUP = 100  # steps; Adam's second moments have settled by then


@dataclass(frozen=True)
class Schedule:
    """A value over the run: ``target`` times a factor between 0 and 1.

    ``curve`` names a file of ``domain.curves``; ``warmup`` (share of the run), ``cycles``, ``ramp``
    (share of a cycle) and ``points`` (a polyline as text) shape it as far as its card uses them. A
    quantity that ``falls`` starts at its target, after a short climb, and ends at FLOOR of it.
    """

    target: float
    curve: str = "constant"
    warmup: float = 1.0
    cycles: int = 4
    ramp: float = 0.5
    points: str = "0:1, 1:1"
    falls: bool = False

    def at(self, step: int, total_steps: int) -> float:
        """The value at ``step`` (0-based) of ``total_steps``; beyond them it stays at its last."""
        return self.target * self.factor(step, total_steps)

    def factor(self, step: int, total_steps: int) -> float:
        """The factor on the target at ``step``."""
        climb, fall = _curve(self.curve)
        if not self.falls or fall is None:
            return climb(step / max(1, total_steps), self)
        climbing = min(LONGEST_WARMUP, total_steps // 20)
        if step < climbing:
            return (step + 1) / (climbing + 1)
        share = min(1.0, (step - climbing) / max(1, total_steps - climbing))
        return FLOOR + (1.0 - FLOOR) * fall(share, self)


@dataclass(frozen=True)
class Quantity:
    """Something that moves over the run, and the settings (dotted paths) that say how.

    ``optional`` quantities matter only to objectives whose card ``uses`` them by name.
    """

    name: str
    symbol: str
    label: str
    target: str
    curve: str
    points: str
    warmup: str = ""
    falls: bool = False
    optional: bool = False

    @property
    def paths(self) -> frozenset[str]:
        """Its own settings."""
        return frozenset((self.target, self.curve, self.points, self.warmup)) - {""}

    def schedule(self, config: RunConfig) -> Schedule:
        """How it moves under these settings."""
        return Schedule(
            target=float(value_at(config, self.target)),
            curve=str(value_at(config, self.curve)),
            warmup=float(value_at(config, self.warmup)) if self.warmup else 1.0,
            cycles=config.objective.cycles,
            ramp=config.objective.ramp,
            points=str(value_at(config, self.points)),
            falls=self.falls,
        )


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "beta", "β", "β, the price of a nat of code",
            "objective.beta", "objective.schedule", "objective.schedule_points",
            warmup="objective.warmup", optional=True,
        ),
        Quantity(
            "capacity", "C", "capacity, the nats a code may tell",
            "objective.capacity", "objective.capacity_schedule", "objective.capacity_points",
            warmup="objective.capacity_warmup", optional=True,
        ),
        Quantity(
            "temperature", "τ", "temperature, the scale of the codes' noise",
            "objective.temperature", "objective.temperature_schedule",
            "objective.temperature_points", warmup="objective.temperature_warmup",
            optional=True,
        ),
        Quantity(
            "learning_rate", "lr", "learning rate",
            "train.learning_rate", "train.lr_schedule", "train.lr_points", falls=True,
        ),
    )
}  # fmt: skip


@cache
def curves() -> dict[str, Card]:
    """Every curve by name; a card ``uses`` the fields of Schedule that shape it."""
    return read_cards("vae_studio.domain.curves")


def settings_in_use(config: RunConfig, uses: Collection[str]) -> dict[str, bool]:
    """Whether each setting of a schedule does anything now, by path.

    ``uses`` are the optional quantities of the objective in force.
    """
    found = {"objective.cycles": False, "objective.ramp": False}
    for quantity in QUANTITIES.values():
        there = not quantity.optional or quantity.name in uses
        card = curves().get(str(value_at(config, quantity.curve)))
        shaped_by = card.uses if card and there else ()
        found |= {quantity.target: there, quantity.curve: there}
        found[quantity.points] = "points" in shaped_by
        if quantity.warmup:
            found[quantity.warmup] = "warmup" in shaped_by
        found["objective.cycles"] |= "cycles" in shaped_by
        found["objective.ramp"] |= "ramp" in shaped_by
    return found


Factor = Callable[[float, Schedule], float]


@cache
def _curve(name: str) -> tuple[Factor, Factor | None]:
    module = import_module(curves()[name].module)
    return module.climb, module.fall
