"""D + β·R: the ELBO at β = 1, the β-VAE otherwise."""

from __future__ import annotations

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms

CARD = Card(
    name="beta-vae",
    label="β-VAE",
    help="Reconstruction plus β times KL. β = 1 is the ELBO; above it, the code is charged more.",
    source="Higgins 2017 (β-VAE, ICLR); Kingma & Welling 2013 (1312.6114), equation 10",
    order=10,
    uses=("beta", "temperature"),
)


class Objective(BaseObjective):
    """One posterior sample per image."""

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β · E_batch[KL]."""
        trip = once(model, x_BCHW, at, generator)
        return Terms(trip.distortion + at.beta * trip.rate, trip.distortion, trip.rate)
