"""What every prior answers; the implementations stand in ``engine.priors``. D units, N codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from torch import Generator, Tensor


class Prior(Protocol):
    """p(z). A module: what it learns is trained, saved and moved with the model."""

    name: str  # that of its card
    is_standard: bool  # N(0, I), for which the rate has a closed form

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log p(z) per code (B,), in nats."""

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """Draws (B, D) as a function of ε ~ N(0, 1) of the same shape; ``temperature`` scales
        the spread around what is typical, whatever that is for this prior.
        """


#: Answers a fresh draw from q(z|x) for every picture, always in the same order, (N, D).
DrawCodes = Callable[[], Tensor]


@runtime_checkable
class FittedPrior(Prior, Protocol):
    """A prior that can also be fitted to the codes of a model that has been trained."""

    def fit(self, draw_codes: DrawCodes, generator: Generator) -> Iterator[float]:
        """Raise the mean log p(z) of the codes, a little at a time; yields the share done.

        All its randomness comes from ``generator`` (that of the codes is the caller's).
        """
