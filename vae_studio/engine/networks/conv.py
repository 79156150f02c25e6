"""Convolutional network, driven by the picture's shape; the decoder resizes, then convolves."""

from __future__ import annotations

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.networks._grids import build_grids
from vae_studio.engine.parts import Networks, Plan

CARD = Card(
    name="conv",
    label="Convolutional",
    help="Halves the picture layer by layer. Worth its time on large or colour pictures, or on a "
    "graphics card; small grey pictures train faster with dense layers.",
    source="resize-convolution: Odena 2016 (doi 10.23915/distill.00003)",
    order=30,
    knobs=(
        Knob(
            path="channels", label="Channels", kind="int", default=32, low=8, high=512, step=8,
            help="Channels of the first layer; each halving doubles them, up to eight times this.",
        ),
        Knob(
            path="features", label="Features", kind="int", default=256, low=8, high=4096,
            help="Width of the dense layer between pictures and code.",
        ),
        Knob(
            path="norm", label="Norm", kind="choice", default="group",
            choices=(
                Choice("layer", "layer"), Choice("group", "group"), Choice("batch", "batch"),
                Choice("none", "none"),
            ),
            help="Layer and group norm treat each picture alone. Batch norm mixes the pictures "
            "of a batch, so the ELBO differs between training and testing, and single "
            "pictures are judged by others.",
        ),
    ),
)  # fmt: skip


def build(plan: Plan) -> Networks:
    """Encoder of strided convolutions, decoder of resize-convolutions."""
    return build_grids(plan)
