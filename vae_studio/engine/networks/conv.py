"""Convolutional network, driven by the picture's shape; the decoder resizes, then convolves."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.parts import Networks, Plan, posterior_head

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
    ),
)  # fmt: skip

SMALLEST_SIDE_PX = 4  # halving stops when a side would fall below this


def halvings(height: int, width: int) -> list[tuple[int, int]]:
    """Sizes from the full picture down to the smallest grid: (28, 28) → 28, 14, 7, 4."""
    sizes = [(height, width)]
    while min(sizes[-1]) > SMALLEST_SIDE_PX:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(8, channels)


class ConvDecoder(nn.Module):
    """z_BD → dense → smallest grid → (nearest resize, 3×3 convolution) per doubling."""

    def __init__(
        self, code: int, sizes: list[tuple[int, int]], widths: list[int], features: int,
        channels_out: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.sizes = sizes
        self.deepest = widths[-1]
        cells = sizes[-1][0] * sizes[-1][1]
        self.dense = nn.Sequential(
            nn.Linear(code, features), nn.SiLU(), nn.Linear(features, widths[-1] * cells)
        )
        steps = list(zip(reversed(widths), reversed([widths[0], *widths[:-1]]), strict=True))
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in steps)
        self.norms = nn.ModuleList(_norm(i) for i, _ in steps)
        self.last = nn.Conv2d(widths[0], channels_out, 3, padding=1, bias=False)
        self.bias_CHW = nn.Parameter(torch.zeros(channels_out, *sizes[0]))

    def forward(self, z_BD: Tensor) -> Tensor:
        """(B, D) → (B, P·C, H, W)."""
        h = self.dense(z_BD).view(-1, self.deepest, *self.sizes[-1])
        for size, norm, conv in zip(reversed(self.sizes[:-1]), self.norms, self.convs, strict=True):
            h = conv(F.interpolate(F.silu(norm(h)), size=size, mode="nearest"))
        return self.last(F.silu(h)) + self.bias_CHW

    def set_bias(self, bias_CHW: Tensor) -> None:
        """Start at this picture: a bias per pixel, since a convolution has only one per channel."""
        self.bias_CHW.data.copy_(bias_CHW)


def build(plan: Plan) -> Networks:
    """Encoder of strided convolutions, decoder of resize-convolutions."""
    first, features = plan.whole("channels") // 8 * 8, plan.whole("features")
    sizes = halvings(*plan.picture[1:])
    widths = [min(first << level, 8 * first) for level in range(len(sizes) - 1)]
    cells = sizes[-1][0] * sizes[-1][1]
    down: list[nn.Module] = []
    for channels_in, channels_out in zip([plan.picture[0], *widths[:-1]], widths, strict=True):
        down += [nn.Conv2d(channels_in, channels_out, 3, 2, 1), _norm(channels_out), nn.SiLU()]
    dense = [nn.Flatten(), nn.Linear(widths[-1] * cells, features), nn.SiLU()]
    encoder = nn.Sequential(*down, *dense, posterior_head(features, plan.units))
    return Networks(encoder, ConvDecoder(plan.code, sizes, widths, features, plan.output[0]))
