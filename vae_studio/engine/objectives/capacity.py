"""D + γ·|R − C|: the rate is held at a capacity C, which may grow over the run."""

from __future__ import annotations

from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms

CARD = Card(
    name="capacity",
    label="Capacity",
    help="Holds the KL at so many nats, the capacity, and lets it grow over the run: the code "
    "takes up one factor of the pictures after another. β does not apply.",
    source="Burgess 2018 (1804.03599), equation 8",
    order=40,
    uses=("capacity", "temperature"),
    knobs=(
        Knob(
            path="gamma", label="γ", kind="float", default=20.0, low=0.0, high=1e6,
            stepping="decades", help="Price of a nat above or below the capacity. It must exceed "
            "what a nat of code saves in reconstruction, or the KL drifts away: about 5 on small "
            "grey pictures, hundreds on large ones. Higher than needed (the paper: 1000), the "
            "pictures are learnt more slowly.",
        ),
    ),
)  # fmt: skip


class Objective(BaseObjective):
    """One posterior sample per image. The rate inside |·| is the mean of the batch, or of each
    part where a batch is trained in parts.
    """

    needs_sampled_codes = True

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + γ · |E_batch[KL] − C(t)|."""
        trip = once(model, x_BCHW, at, generator)
        off = (trip.rate - at.capacity).abs()
        return Terms(trip.distortion + self.number("gamma") * off, trip.distortion, trip.rate)
