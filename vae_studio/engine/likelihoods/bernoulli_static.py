"""Bernoulli on pictures binarised once and for all; the draw is a function of the picture alone."""

from __future__ import annotations

import functools

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.likelihoods import bernoulli_grey

CARD = Card(
    name="bernoulli-static",
    label="Bernoulli (static)",
    help="Each pixel is drawn black or white once, with its grey value as probability; the draw "
    "is fixed by a hash of the picture. Overfits sooner than a fresh draw at every visit: MNIST "
    "tests about 2 nats worse.",
    source="Salakhutdinov & Murray 2008 (ICML), section 5; Burda 2016 (1509.00519), section 5",
    order=25,
)

ROWS = 1_048_573  # the largest prime below 2^20


class Likelihood(bernoulli_grey.Likelihood):
    """p(b|z) with b = [u < x] and u ~ Uniform(0, 1) chosen by a hash of x; encoder and decoder
    see the same b. Black and white pictures are their own binarisation.
    """

    short = "static-binarised"

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The binarised pictures; equal pictures get equal ones, in any batch and any run."""
        key_P, thresholds_NP = _table(x[0].numel(), x.device)
        levels_BP = x.flatten(1).mul(255.0).round_().to(torch.int64)
        row_B = levels_BP.mul_(key_P).sum(1).remainder_(ROWS)
        return (thresholds_NP[row_B].view_as(x) < x).to(x.dtype)


@functools.lru_cache(maxsize=4)
def _table(values: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The hash's key (P,) and ROWS rows of P thresholds: overlapping windows on 4 MB of noise.

    Σ key·level mod a prime is a universal hash (Carter & Wegman 1979): two different pictures
    share a row with a chance of one in a million.
    """
    generator = torch.Generator().manual_seed(seed_for(0, "static binarisation"))
    noise = torch.rand(ROWS + values - 1, generator=generator)
    key_P = torch.randint(ROWS, (values,), generator=generator)
    return key_P.to(device), noise.to(device).unfold(0, values, 1)
