"""Free bits: the first nats of every unit cost nothing."""

from __future__ import annotations

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms, gaussian_kl

CARD = Card(
    name="free-bits",
    label="Free bits",
    help="A unit pays only for what it tells beyond λ nats, so that none is switched off early. "
    "Worth it where units collapse; otherwise it costs what it gives away.",
    source="Kingma 2016 (1606.04934), appendix C.8",
    order=110,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="nats", label="Free", kind="float", default=0.1, low=0.0, high=100.0, step=0.05,
            unit="nats per unit", help="What a unit may tell for nothing, on the batch's average: "
            "0.05 to 0.5 is usual. Below it, a unit has no gradient from the KL at all.",
        ),
    ),
)  # fmt: skip


class Objective(BaseObjective):
    """The reported rate is the true KL, gifts not subtracted. The mean inside the maximum is over
    the batch, or over each part where a batch is trained in parts.
    """

    needs_standard_prior = True
    needs_sampled_codes = True

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β · Σ_j max(λ, E_batch[KL_j]); the extra is that sum."""
        trip = once(model, x_BCHW, at, generator)
        kl_D = gaussian_kl(trip.posterior.mean_BD, trip.posterior.logvar_BD).mean(0)
        charged = kl_D.clamp_min(self.number("nats")).sum()
        loss = trip.distortion + at.beta * charged
        return Terms(loss, trip.distortion, trip.rate, {"charged KL": charged})
