"""Plain dense network; with width 400, depth 1 and ReLU it is the net of the classic example."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.parts import ACTIVATIONS, Networks, PictureHead, Plan, posterior_head

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
    activation = ACTIVATIONS[plan.word("activation")]
    encoder = [nn.Flatten(), *_layers([prod(plan.picture), *hidden], activation)]
    decoder = _layers([plan.code, *hidden], activation)
    return Networks(
        nn.Sequential(*encoder, posterior_head(hidden[-1], plan.units)),
        DenseDecoder(nn.Sequential(*decoder), PictureHead(hidden[-1], plan.output)),
    )


def _layers(sizes: list[int], activation: type[nn.Module]) -> list[nn.Module]:
    return [part for i, o in pairwise(sizes) for part in (nn.Linear(i, o), activation())]
