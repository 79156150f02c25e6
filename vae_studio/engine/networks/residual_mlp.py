"""Dense network with residual blocks h + W₂ silu(W₁ norm(h)): the best loss per CPU second here."""

from __future__ import annotations

from math import prod

import torch.nn.functional as F
from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.networks.mlp import DenseDecoder
from vae_studio.engine.parts import Networks, PictureHead, Plan, dense_norm, posterior_head

CARD = Card(
    name="residual-mlp",
    label="Residual MLP",
    help="Dense layers with short cuts and layer norm: the lowest loss per second on small "
    "pictures without a graphics card.",
    source="He 2016 (1512.03385), pre-activation order; Ba 2016 (1607.06450)",
    order=10,
    knobs=(
        Knob(
            path="width", label="Width", kind="int", default=512, low=8, high=8192,
            unit="features", help="Features per layer. Wider fits more, and costs time.",
        ),
        Knob(
            path="blocks", label="Blocks", kind="int", default=1, low=0, high=16,
            help="Residual blocks in the encoder, and as many in the decoder.",
        ),
        Knob(
            path="narrowing", label="Narrowing", kind="int", default=1, low=1, high=16,
            help="How many times narrower a block is inside. 2 costs half and loses little, so the "
            "same time buys more steps.",
        ),
        Knob(
            path="norm", label="Norm", kind="choice", default="layer",
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


class ResidualBlock(nn.Module):
    """h + W₂ silu(W₁ norm(h)); W₂ starts at zero, so the block starts as the identity."""

    def __init__(self, width: int, inside: int, norm: str) -> None:
        super().__init__()
        self.norm = dense_norm(norm, width)
        self.inner = nn.Linear(width, inside)
        self.outer = nn.Linear(inside, width)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, h_BF: Tensor) -> Tensor:
        """(B, F) → (B, F)."""
        return h_BF + self.outer(F.silu(self.inner(self.norm(h_BF))))


def build(plan: Plan) -> Networks:
    """Encoder and decoder with ``blocks`` residual blocks each."""
    width = plan.whole("width")
    encoder = nn.Sequential(
        nn.Flatten(),
        *_body(plan, prod(plan.picture)),
        posterior_head(width, plan.units),
    )
    body = nn.Sequential(*_body(plan, plan.code))
    return Networks(encoder, DenseDecoder(body, PictureHead(width, plan.output)))


def _body(plan: Plan, features: int) -> list[nn.Module]:
    width, norm = plan.whole("width"), plan.word("norm")
    inside = max(1, width // plan.whole("narrowing"))
    blocks = [ResidualBlock(width, inside, norm) for _ in range(plan.whole("blocks"))]
    return [nn.Linear(features, width), nn.SiLU(), *blocks, dense_norm(norm, width), nn.SiLU()]
