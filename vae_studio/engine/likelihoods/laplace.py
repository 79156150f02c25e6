"""Laplace pixels: the absolute error, properly scaled."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob

CARD = Card(
    name="laplace",
    label="Laplace",
    help="Absolute error with a scale: crisper edges than the squared error, because a few pixels "
    "that are far off cost less.",
    source="Laplace 1774; the absolute error of autoencoders, with its constant",
    order=40,
    knobs=(
        Knob(
            path="scale", label="b", kind="float", default=0.05, low=0.001, high=100.0, step=0.01,
            decimals=4, help="Mean distance of a pixel from the decoded picture, on the scale 0 "
            "to 1. Smaller demands sharper copies and lets the code hold more.",
        ),
    ),
)  # fmt: skip


class Likelihood:
    """p(x|z) = Π Laplace(x | centre, b), x in [0, 1]; a density, so the NLL may be negative."""

    parameters_per_value = 1
    discrete = False

    def __init__(self, options: Mapping[str, object]) -> None:
        self.scale = float(str(options["scale"]))
        self.short = f"Laplace b={self.scale:g}"

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The grey values in [0, 1] themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,): Σ|x − centre| / b + Dpix · ln 2b, in nats."""
        apart_B = (output - target).abs().flatten(1).sum(1)
        return apart_B / self.scale + output[0].numel() * math.log(2 * self.scale)

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z], clipped to [0, 1] for showing."""
        return output.clamp(0.0, 1.0)

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The mean picture itself."""
        return mean_CHW.clone()
