"""DIP-VAE II: the covariance of the codes themselves is drawn to the identity."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objectives import dip_vae_i
from vae_studio.engine.vae import Posterior

CARD = Card(
    name="dip-vae-ii",
    label="DIP-VAE II",
    help="As DIP-VAE I, for the codes rather than their means: the noise counts as well, so a "
    "unit that means nothing already has the variance 1 and costs nothing.",
    source="Kumar 2017 (1711.00848), equation 7",
    order=80,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="od", label="Off-diagonal", kind="float", default=10.0, low=0.0, high=1e5,
            stepping="decades", help="Price of covariance between two units; the field tries 1 "
            "to 50.",
        ),
        Knob(
            path="d", label="Diagonal", kind="float", default=10.0, low=0.0, high=1e5,
            stepping="decades", help="Price of a variance other than 1, usually as high as the "
            "off-diagonal.",
        ),
    ),
)  # fmt: skip


class Objective(dip_vae_i.Objective):
    """The loss of DIP-VAE I with another C."""

    def covariance(self, posterior: Posterior) -> Tensor:
        """C (D, D) = E_x[diag σ²(x)] + Cov_x[μ(x)]; exact codes have no σ."""
        of_means = super().covariance(posterior)
        if posterior.exact:
            return of_means
        return of_means + torch.diag(posterior.logvar_BD.exp().mean(0))
