"""InfoVAE: the codes as a whole are drawn to the prior (MMD) rather than each posterior (KL)."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms

CARD = Card(
    name="info-vae",
    label="InfoVAE (MMD)",
    help="Compares all codes of a batch with draws from the prior, so that a code may tell much "
    "about its picture. With α = 1, and exact codes, it is a Wasserstein autoencoder. β does not "
    "apply.",
    source="Zhao 2017 (1706.02262); Tolstikhin 2017 (WAE-MMD, 1711.01558)",
    order=90,
    uses=("temperature",),
    knobs=(
        Knob(
            path="alpha", label="α", kind="float", default=0.0, low=-100.0, high=1.0, step=0.1,
            help="The KL is weighed with 1 − α. At 0 the whole KL stays; at 1 only the MMD ties "
            "codes to the prior.",
        ),
        Knob(
            path="weight", label="λ", kind="float", default=10.0, low=0.0, high=1e6,
            stepping="decades", help="The MMD is weighed with α + λ − 1. An MMD is far below 1 "
            "where the loss is in nats, so 10 to 1000 is usual; from 100 on, codes fill slowly.",
        ),
        Knob(
            path="kernel", label="Kernel", kind="choice", default="imq",
            choices=(Choice("imq", "inverse multiquadric"), Choice("rbf", "Gaussian")),
            help="The inverse multiquadric sees codes far out as well; the Gaussian hardly does.",
        ),
    ),
)  # fmt: skip

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # of the inverse multiquadric, as in the WAE's code


class Objective(BaseObjective):
    """Any prior will do: the comparison is with draws from it, one per picture. The MMD is that of
    the batch, or of each part where a batch is trained in parts.
    """

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + (1 − α) · E_batch[KL] + (α + λ − 1) · MMD²."""
        trip = once(model, x_BCHW, at, generator)
        noise = torch.randn(trip.z_BD.shape, generator=generator, device=trip.z_BD.device)
        mmd = squared_mmd(trip.z_BD, model.prior.from_noise(noise), str(self.options["kernel"]))
        alpha, weight = self.number("alpha"), self.number("weight")
        loss = trip.distortion + (1.0 - alpha) * trip.rate + (alpha + weight - 1.0) * mmd
        return Terms(loss, trip.distortion, trip.rate, {"MMD": mmd})


def squared_mmd(codes_BD: Tensor, prior_BD: Tensor, kernel: str) -> Tensor:
    """MMD² of two sets of B codes, 0-d: unbiased, so it is below zero about every other time when
    the sets agree (Gretton 2012, lemma 6). A single code has none: zero.
    """
    count = len(codes_BD)
    if count < 2:
        return 0.0 * codes_BD.sum()
    within = sum(_off_diagonal_sum(rows, kernel) for rows in (codes_BD, prior_BD))
    between = _kernel(codes_BD, prior_BD, kernel).sum()
    return within / (count * (count - 1)) - 2.0 * between / count**2


def _off_diagonal_sum(rows_BD: Tensor, kernel: str) -> Tensor:
    matrix = _kernel(rows_BD, rows_BD, kernel)
    return matrix.sum() - matrix.diagonal().sum()


def _kernel(left_BD: Tensor, right_BD: Tensor, kernel: str) -> Tensor:
    """k(l, r) (B, B): e^(−‖l − r‖²/2D), or Σ_s C/(C + ‖l − r‖²) with C = 2·D·s over the scales."""
    units = left_BD.shape[1]
    squared = (left_BD[:, None] - right_BD[None]).square().sum(2)
    if kernel == "rbf":
        return (-squared / (2.0 * units)).exp()
    widths = (2.0 * units * scale for scale in SCALES)
    return torch.stack([width / (width + squared) for width in widths]).sum(0)
