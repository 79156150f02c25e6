"""What every likelihood answers; the implementations stand in ``engine.likelihoods``."""

from __future__ import annotations

from typing import Protocol

from torch import Generator, Tensor


class Likelihood(Protocol):
    """p(x|z) for decoder output (B, P·C, H, W) with P parameters per value.

    ``short`` names the convention in words; it may change as a likelihood learns. ``discrete`` is
    whether p is the probability of the 8-bit picture itself, so that nats read as bits per value.
    One that learns something of its own is an nn.Module and is saved with the model.
    """

    parameters_per_value: int
    discrete: bool

    @property
    def short(self) -> str:
        """The convention in words, as it is now."""

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """What encoder and decoder see of grey values x in [0, 1]; may draw with ``generator``."""

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,), nats, summed over pixels."""

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z] in [0, 1], (B, C, H, W)."""

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The decoder output (P·C, H, W) whose mean picture is ``mean_CHW``."""
