"""Normal pixels with the one standard deviation that fits best: no scale to choose."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Generator, Tensor, nn

from vae_studio.domain.cards import Card

CARD = Card(
    name="sigma-vae",
    label="Gaussian, best σ",
    help="Squared error whose scale is the best one for the copies so far, so that reconstruction "
    "and KL are weighed as the ELBO asks. The NELBO may be negative.",
    source="Rybkin 2021 (2006.13202), equation 5 (optimal σ-VAE)",
    order=32,
)

LEAST_VARIANCE = math.exp(-12.0)  # σ = 1/400, below the step between two grey levels
MEMORY = 100  # batches whose σ² an evaluation uses


class Likelihood(nn.Module):
    """p(x|z) = Π Normal(x | mean, σ*²) with σ*² the mean squared error.

    In training σ*² is the batch's own (its gradient is zero at the optimum); in evaluation it is
    the running mean of the last ``MEMORY`` batches, which is saved with the model.
    """

    parameters_per_value = 1
    discrete = False
    variance: Tensor
    batches: Tensor

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        del options  # it has none
        self.register_buffer("variance", torch.ones(()))
        self.register_buffer("batches", torch.zeros(()))

    @property
    def short(self) -> str:
        """The σ* of now; before the first batch there is none."""
        if not self.batches:
            return "Gaussian σ*"
        return f"Gaussian σ*={math.sqrt(self.variance.item()):.3g}"

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The grey values in [0, 1] themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,): SSE / 2σ*² + Dpix/2 · ln 2πσ*², in nats."""
        squared_B = (output - target).flatten(1).square().sum(1)
        values = output[0].numel()
        variance = self.variance
        if self.training:
            variance = (squared_B.detach().mean() / values).clamp_min(LEAST_VARIANCE)
            self._remember(variance)
        return squared_B / (2.0 * variance) + 0.5 * values * (2 * math.pi * variance).log()

    @torch.no_grad()
    def _remember(self, variance: Tensor) -> None:
        # the plain mean of the first batches, then an exponential one: never biased to the start
        self.batches += 1
        self.variance += (variance - self.variance) / self.batches.clamp(max=MEMORY)

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z], clipped to [0, 1] for showing."""
        return output.clamp(0.0, 1.0)

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The mean picture itself."""
        return mean_CHW.clone()
