"""How other code sums and averages its loss, and which likelihood that comes to.

Per picture, E is the error summed over the pixels and R the KL summed over the units, in nats. Any
choice of sums and means is E + price · R up to a factor in front, which Adam hardly sees. For the
cross-entropy the price is β. A squared error SSE + price · R is 2σ² · (SSE/2σ² + R) with
σ = √(price/2); half of it is a Gaussian with σ = √price; an absolute error, a Laplace density with
b = price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Error = Literal["bce", "mse", "half-mse", "l1"]
Reduction = Literal["sum", "mean", "batch-sum"]


@dataclass(frozen=True)
class WrittenLoss:
    """A loss as its code writes it: error + ``weight`` · KL.

    "sum" adds within a picture (pixels, units) and averages over the batch; "mean" averages within
    a picture too; "batch-sum" adds over the batch as well.
    """

    error: Error
    error_over: Reduction = "sum"
    kl_over: Reduction = "sum"
    weight: float = 1.0


@dataclass(frozen=True)
class Weighing:
    """The same loss with a likelihood in nats: ``beta`` for the cross-entropy (``scale`` is 1),
    ``scale`` for the others (σ of a Gaussian, b of a Laplace density; ``beta`` is 1)."""

    beta: float
    scale: float


def weigh(loss: WrittenLoss, *, values: int, units: int, batch: int) -> Weighing:
    """What ``loss`` comes to for pictures of ``values`` values (channels · height · width), codes
    of ``units`` units and batches of ``batch`` pictures."""
    error = {"sum": 1.0, "mean": 1 / values, "batch-sum": batch}[loss.error_over]
    kl = {"sum": 1.0, "mean": 1 / units, "batch-sum": batch}[loss.kl_over]
    price = loss.weight * kl / error
    if loss.error == "bce":
        return Weighing(beta=price, scale=1.0)
    scales = {"mse": math.sqrt(price / 2), "half-mse": math.sqrt(price), "l1": price}
    return Weighing(beta=1.0, scale=scales[loss.error])
