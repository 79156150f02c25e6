"""What every prior answers; the implementations stand in ``engine.priors``. D units."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Prior(Protocol):
    """p(z). A module: what it learns is trained, saved and moved with the model."""

    is_standard: bool  # N(0, I), for which the rate has a closed form

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log p(z) per code (B,), in nats."""

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """Draws (B, D) as a function of ε ~ N(0, 1) of the same shape; ``temperature`` scales
        the spread around what is typical, whatever that is for this prior.
        """
