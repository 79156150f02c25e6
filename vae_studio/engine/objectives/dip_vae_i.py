"""DIP-VAE I: the covariance of the posterior means is drawn to the identity."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import Posterior

CARD = Card(
    name="dip-vae-i",
    label="DIP-VAE I",
    help="Charges for correlation between the means of the units, and for variances other than 1. "
    "A cheap substitute for the total correlation: it sees straight-line dependence only.",
    source="Kumar 2017 (1711.00848), equation 6",
    order=70,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="od", label="Off-diagonal", kind="float", default=10.0, low=0.0, high=1e5,
            stepping="decades", help="Price of covariance between two units; the field tries 1 "
            "to 50.",
        ),
        Knob(
            path="d", label="Diagonal", kind="float", default=100.0, low=0.0, high=1e5,
            stepping="decades", help="Price of a variance other than 1. Ten times the "
            "off-diagonal keeps the units from shrinking instead of coming apart.",
        ),
    ),
)  # fmt: skip


class Objective(BaseObjective):
    """β is the price of the KL, as in the β-VAE. The covariance is over the batch, or over each
    part where a batch is trained in parts; the extras are its two penalties before their prices.
    """

    needs_standard_prior = True

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β · E_batch[KL] + od · Σ_{i≠j} C_ij² + d · Σ (C_ii−1)²."""
        trip = once(model, x_BCHW, at, generator)
        matrix_DD = self.covariance(trip.posterior)
        variances_D = matrix_DD.diagonal()
        off = (matrix_DD - variances_D.diag()).square().sum()
        diagonal = (variances_D - 1.0).square().sum()
        loss = trip.distortion + at.beta * trip.rate
        loss = loss + self.number("od") * off + self.number("d") * diagonal
        return Terms(loss, trip.distortion, trip.rate, {"off-diagonal": off, "diagonal": diagonal})

    def covariance(self, posterior: Posterior) -> Tensor:
        """C (D, D) = Cov_x[μ(x)] over the batch, divided by B."""
        mean_BD = posterior.mean_BD
        with torch.autocast(mean_BD.device.type, enabled=False):  # bf16 would round the zeros away
            centred = mean_BD - mean_BD.mean(0)
            return centred.T @ centred / len(centred)
