"""Normal pixels with one fixed standard deviation: the squared error, properly scaled."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob

CARD = Card(
    name="gaussian",
    label="Gaussian, fixed σ",
    help="Squared error with a scale. σ is what others hide in a KL weight: σ = 0.707 is the plain "
    "squared error plus KL, and only β·σ² decides the training.",
    source="Rybkin 2021 (2006.13202), equation 2",
    order=30,
    knobs=(
        Knob(
            path="sigma", label="σ", kind="float", default=0.1, low=0.001, high=100.0, step=0.01,
            decimals=4, help="Standard deviation of a pixel around the decoded picture, on the "
            "scale 0 to 1. Smaller demands sharper copies and lets the code hold more.",
        ),
    ),
)  # fmt: skip


class Likelihood:
    """p(x|z) = Π Normal(x | mean, σ²), x in [0, 1]; a density, so the NLL may be negative."""

    parameters_per_value = 1
    discrete = False

    def __init__(self, options: Mapping[str, object]) -> None:
        self.sigma = float(str(options["sigma"]))
        self.short = f"Gaussian σ={self.sigma:g}"

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The grey values in [0, 1] themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,): SSE / 2σ² + Dpix/2 · ln 2πσ², in nats."""
        squared_B = (output - target).flatten(1).square().sum(1)
        values = output[0].numel()
        constant = 0.5 * values * math.log(2 * math.pi * self.sigma**2)
        return squared_B / (2 * self.sigma**2) + constant

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z], clipped to [0, 1] for showing."""
        return output.clamp(0.0, 1.0)

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The mean picture itself."""
        return mean_CHW.clone()
