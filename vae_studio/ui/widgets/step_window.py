"""Which steps and which values a plot shows. Pure state, no pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vae_studio.domain.history import Envelope
from vae_studio.ui.widgets.axis import nice_step

Mode = Literal["fit", "follow", "free"]
FEWEST_STEPS = 8.0
BOUNDS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)  # the axis grows in leaps, so that it rests


@dataclass(frozen=True)
class StepWindow:
    """The visible steps [left, right] of ``count`` recorded out of ``total`` planned.

    ``fit`` shows all, ``follow`` keeps its width and slides with the newest step, ``free`` rests.
    """

    left: float = 0.0
    right: float = 100.0
    count: int = 0
    total: int = 0
    mode: Mode = "fit"

    @property
    def span(self) -> float:
        """How many steps are visible."""
        return self.right - self.left

    def grown(self, count: int, total: int) -> StepWindow:
        """The window after more batches."""
        window = replace(self, count=count, total=total)
        if self.mode == "fit":
            return window.fitted()
        return window.following() if self.mode == "follow" else window

    def fitted(self) -> StepWindow:
        """Everything recorded, with room to grow up to the planned end."""
        return replace(self, left=0.0, right=self._bound(), mode="fit")

    def following(self) -> StepWindow:
        """The same width, its right edge a little past the newest step."""
        right = max(self.span, self.count + 0.04 * self.span)
        return replace(self, left=right - self.span, right=right, mode="follow")

    def zoomed(self, factor: float, about: float) -> StepWindow:
        """``factor`` > 1 comes closer; the step ``about`` stays where it is."""
        widest = 1.2 * max(self._bound(), FEWEST_STEPS)
        span = min(widest, max(FEWEST_STEPS, self.span / factor))
        share = (about - self.left) / self.span
        return self._at(about - share * span, span)

    def panned(self, steps: float) -> StepWindow:
        """Moved by ``steps`` to the right."""
        return self._at(self.left + steps, self.span)

    def _at(self, left: float, span: float) -> StepWindow:
        left = min(max(left, -0.1 * span), max(self._bound(), span) - 0.9 * span)
        right = left + span
        mode: Mode = "follow" if left < self.count <= right + 0.05 * span else "free"
        return replace(self, left=left, right=right, mode=mode)

    def _bound(self) -> float:
        count = max(self.count, 50)
        power = 10.0 ** math.floor(math.log10(count))
        bound = next(b * power for b in BOUNDS if b * power >= count)
        return float(max(count, min(bound, self.total))) if self.total else bound


@dataclass(frozen=True)
class ValueRange:
    """The visible values; it changes only when the data clearly asks for it."""

    low: float = 0.0
    high: float = 1.0
    settled: bool = False

    def adapted(self, low: float, high: float) -> ValueRange:
        """Round bounds around [low, high]; the present ones while they fit snugly enough."""
        span = max(high - low, 1e-3 * max(abs(high), 1e-6))
        if self.settled and self._snug(low, high, span):
            return self
        step = nice_step(1.08 * span, 6) / 2
        return ValueRange(
            math.floor((low - 0.02 * span) / step) * step if low else 0.0,
            math.ceil((high + 0.04 * span) / step) * step,
            True,
        )

    def _snug(self, low: float, high: float, span: float) -> bool:
        fits = low >= self.low - 0.005 * span and high <= self.high + 0.005 * span
        return fits and (self.high - self.low) <= 1.5 * span


def robust_bounds(curves: list[Envelope], first_settled: float) -> tuple[float, float] | None:
    """Lowest and highest value of the curves from step ``first_settled`` on; None if all empty.

    The very first batches stand far above the rest, and single batches far from their neighbours:
    a scale that holds them flattens the run. So the first steps do not count while there are
    others, and of the extremes the outermost 2 % do not.
    """
    found = [bounds for curve in curves if (bounds := _bounds_of(curve, first_settled))]
    if not found:
        return None
    return min(low for low, _ in found), max(high for _, high in found)


def _bounds_of(curve: Envelope, first_settled: float) -> tuple[float, float] | None:
    ripe = curve.steps >= first_settled
    for part in (ripe, np.ones_like(ripe)):
        low, high = (np.sort(v[part & np.isfinite(v)]) for v in (curve.low, curve.high))
        if len(low) and len(high):
            spare = len(low) // 50
            return float(low[spare]), float(high[len(high) - 1 - len(high) // 50])
    return None
