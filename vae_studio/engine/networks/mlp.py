"""Plain dense network; with width 400, depth 1 and ReLU it is the net of the classic example."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.parts import (
    ACTIVATIONS,
    Networks,
    PictureHead,
    Plan,
    dense_norm,
    posterior_head,
)

CARD = Card(
    name="mlp",
    label="MLP",
    help="Dense layers. Quick on small pictures, and the net most tutorials use.",
    source="Kingma & Welling 2013 (1312.6114), appendix C",
    order=20,
    knobs=(
        Knob(
            path="width", label="Width", kind="int", default=400, low=8, high=8192,
            unit="features", help="Features per hidden layer. Wider fits more, and costs time.",
        ),
        Knob(
            path="depth", label="Depth", kind="int", default=1, low=1, high=12,
            unit="layers", help="Hidden layers in the encoder, and as many in the decoder.",
        ),
        Knob(
            path="activation", label="Activation", kind="choice", default="silu",
            choices=(Choice("silu", "SiLU"), Choice("relu", "ReLU"), Choice("gelu", "GELU")),
            help="SiLU and GELU end about a nat below ReLU, whose units can die.",
        ),
        Knob(
            path="norm", label="Norm", kind="choice", default="none",
            choices=(
                Choice("layer", "layer"), Choice("group", "group"), Choice("batch", "batch"),
                Choice("none", "none"),
            ),
            help="The classic net has none. Layer and group norm treat each picture alone. Batch "
            "norm mixes the pictures of a batch, so the ELBO differs between training and "
            "testing, and single pictures are judged by others.",
        ),
    ),
)  # fmt: skip


class DenseDecoder(nn.Module):
    """z_BD → hidden layers → pictures."""

    def __init__(self, body: nn.Module, head: PictureHead) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, z_BD: Tensor) -> Tensor:
        """(B, D) → (B, P·C, H, W)."""
        return self.head(self.body(z_BD))

    def set_bias(self, bias_CHW: Tensor) -> None:
        """Start at this picture, with small weights around it."""
        self.head.bias.data.copy_(bias_CHW.flatten())


def build(plan: Plan) -> Networks:
    """Encoder and decoder of ``depth`` hidden layers each."""
    hidden = [plan.whole("width")] * plan.whole("depth")
    encoder = [nn.Flatten(), *_layers(plan, [prod(plan.picture), *hidden])]
    decoder = _layers(plan, [plan.code, *hidden])
    return Networks(
        nn.Sequential(*encoder, posterior_head(hidden[-1], plan.units)),
        DenseDecoder(nn.Sequential(*decoder), PictureHead(hidden[-1], plan.output)),
    )


def _layers(plan: Plan, sizes: list[int]) -> list[nn.Module]:
    activation, norm = ACTIVATIONS[plan.word("activation")], plan.word("norm")
    layers: list[nn.Module] = []
    for features_in, features_out in pairwise(sizes):
        layers.append(nn.Linear(features_in, features_out))
        if norm != "none":
            layers.append(dense_norm(norm, features_out))
        layers.append(activation())
    return layers
