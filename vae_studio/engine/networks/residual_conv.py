"""Convolutions with residual blocks at every size: the best copies, at the highest price."""

from __future__ import annotations

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.networks._grids import build_grids
from vae_studio.engine.parts import Networks, Plan

CARD = Card(
    name="residual-conv",
    label="Residual convolutional",
    help="Halves the picture layer by layer, with residual blocks in between: the lowest loss a "
    "minute on a graphics card can buy. On a CPU, dense layers are ahead for the first half hour.",
    source="He 2016 (1603.05027); resize-convolution: Odena 2016 (doi 10.23915/distill.00003)",
    order=40,
    knobs=(
        Knob(
            path="channels", label="Channels", kind="int", default=32, low=8, high=512, step=8,
            help="Channels of the first layer; each halving doubles them, up to eight times this.",
        ),
        Knob(
            path="blocks", label="Blocks", kind="int", default=1, low=0, high=8,
            help="Residual blocks at each size of encoder and decoder; each costs about as much as "
            "the rest of that size.",
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
    """As ``conv``, with ``blocks`` residual blocks at each size."""
    return build_grids(plan)
