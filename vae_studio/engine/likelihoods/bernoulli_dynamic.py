"""Bernoulli on pictures binarised afresh at every visit: the literature's MNIST convention."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.engine.likelihoods import bernoulli_grey

CARD = Card(
    name="bernoulli-dynamic",
    label="Bernoulli (dynamic)",
    help="Each pixel is drawn black or white with its grey value as probability, anew at every "
    "visit. A true likelihood; published MNIST numbers mostly use it.",
    source="Burda 2016 (1509.00519), section 5",
    order=20,
)


class Likelihood(bernoulli_grey.Likelihood):
    """p(b|z) with b ~ Bernoulli(x); the encoder sees the same b."""

    short = "dynamic-binarised"

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """b ~ Bernoulli(x), drawn with ``generator``."""
        return (torch.rand(x.shape, generator=generator, device=x.device) < x).to(x.dtype)
