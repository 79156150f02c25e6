"""Binary cross-entropy on grey values: the tutorials' loss, an honest bound, not a density."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.engine.likelihoods._bernoulli import bernoulli_nll, logit_of_mean

CARD = Card(
    name="bernoulli-grey",
    label="Bernoulli (grey)",
    help="Cross-entropy on grey values. Not a density of grey pictures, but at β = 1 an upper "
    "bound on the dynamically binarised loss. MNIST: 45.5 is a perfect copy, 205.7 collapse.",
    source="Kingma & Welling 2013 (1312.6114); Loaiza-Ganem & Cunningham 2019 (1907.06845)",
    order=10,
)


class Likelihood:
    """p(x|z) = Π Bernoulli(x | sigmoid(logit)), with x kept grey."""

    parameters_per_value = 1
    short = "grey-BCE"
    discrete = False

    def __init__(self, options: Mapping[str, object]) -> None:
        del options  # it has none

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """What the decoder is compared with: the grey values in [0, 1] themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,), nats, summed over pixels."""
        return bernoulli_nll(output, target)

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z] in [0, 1], shape (B, C, H, W)."""
        return torch.sigmoid(output)

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The decoder output whose mean picture is ``mean_CHW``."""
        return logit_of_mean(mean_CHW)
