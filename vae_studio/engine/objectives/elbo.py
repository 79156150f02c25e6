"""The negative ELBO: the β-VAE's loss with β held at 1, whatever the β knob says."""

from __future__ import annotations

from dataclasses import replace

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.engine.objective import Model, Setting
from vae_studio.engine.objectives import beta_vae
from vae_studio.engine.terms import Terms

CARD = Card(
    name="elbo",
    label="ELBO",
    help="The evidence lower bound itself: reconstruction plus KL, both in nats. β and its "
    "annealing do not apply.",
    source="Kingma & Welling 2013 (1312.6114), equation 10",
    order=20,
    uses=("temperature",),
)


class Objective(beta_vae.Objective):
    """D + R."""

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = −ELBO; β is ignored."""
        return super().__call__(model, x_BCHW, replace(at, beta=1.0), generator)
