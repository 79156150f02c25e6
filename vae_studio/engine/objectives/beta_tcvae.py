"""β-TCVAE: the KL taken apart into mutual information, total correlation and the units' own KL."""

from __future__ import annotations

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.objectives._stratified import aggregate_log_probs
from vae_studio.engine.terms import Terms

CARD = Card(
    name="beta-tcvae",
    label="β-TCVAE",
    help="Charges β for the dependence between units alone (total correlation), so that they come "
    "apart without the blur of a large β. Estimated in the batch: larger batches, better numbers.",
    source="Chen 2018 (1802.04942), equations 2 and 4, appendix C (stratified weights)",
    order=50,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="alpha", label="α", kind="float", default=1.0, low=0.0, high=1000.0, step=0.1,
            help="Price of the mutual information between pictures and codes. Below 1 the code "
            "may say more about each picture.",
        ),
        Knob(
            path="gamma", label="γ", kind="float", default=1.0, low=0.0, high=1000.0, step=0.1,
            help="Price of each unit's distance from N(0, 1). Below 1 the codes may leave the "
            "prior, and samples get worse.",
        ),
    ),
)  # fmt: skip


class Objective(BaseObjective):
    """β is the price of the total correlation; at α = β = γ = 1 it is the ELBO with a sampled KL.

    The extras MI, TC and dimension KL are what the batch says, or each part of it where it is
    trained in parts. They add up to the sampled KL, log q(z|x) − log p(z). As numbers they are
    rough: MI saturates near log B, and TC misses by a nat at MI = 6 and B = 128.
    """

    needs_standard_prior = True
    needs_sampled_codes = True

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + α·MI + β·TC + γ·Σ KL(q(z_j)‖p(z_j))."""
        trip = once(model, x_BCHW, at, generator)
        joint_B, units_BD = aggregate_log_probs(trip.posterior, trip.z_BD, at.images)
        product_B = units_BD.sum(1)
        mi = (trip.posterior.log_prob(trip.z_BD) - joint_B).mean()
        tc = (joint_B - product_B).mean()
        dimension_kl = (product_B - model.prior.log_prob(trip.z_BD)).mean()
        charged = self.number("alpha") * mi + at.beta * tc + self.number("gamma") * dimension_kl
        extra = {"MI": mi, "TC": tc, "dimension KL": dimension_kl}
        return Terms(trip.distortion + charged, trip.distortion, trip.rate, extra)
