"""What the convolutional networks share. Shapes: B batch, C×H×W picture, features F."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_studio.engine.parts import Networks, Plan, conv_norm, posterior_head

SMALLEST_SIDE_PX = 4  # halving stops when a side would fall below this
WIDEST = 8  # no layer has more than this many times the channels of the first


def halvings(height: int, width: int) -> list[tuple[int, int]]:
    """Sizes from the full picture down to the smallest grid: (28, 28) → 28, 14, 7, 4."""
    sizes = [(height, width)]
    while min(sizes[-1]) > SMALLEST_SIDE_PX:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


class ResidualConv(nn.Module):
    """h + conv₂ silu(norm conv₁ silu(norm h)); conv₂ starts at zero: the identity at first."""

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        self.norms = nn.ModuleList(conv_norm(norm, channels) for _ in range(2))
        self.convs = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        nn.init.zeros_(self.convs[1].weight)
        nn.init.zeros_(self.convs[1].bias)

    def forward(self, h: Tensor) -> Tensor:
        """(B, C, H, W) → the same."""
        inner = h
        for norm, conv in zip(self.norms, self.convs, strict=True):
            inner = conv(F.silu(norm(inner)))
        return h + inner


class GridDecoder(nn.Module):
    """z_BD → dense → smallest grid → per doubling: residual blocks, nearest resize, 3×3 conv.

    Resizing before a convolution leaves no checkerboard (Odena 2016).
    """

    def __init__(self, plan: Plan, sizes: list[tuple[int, int]], widths: list[int]) -> None:
        super().__init__()
        norm, blocks = plan.word("norm"), _blocks(plan)
        self.sizes = sizes
        self.deepest = widths[-1]
        cells = sizes[-1][0] * sizes[-1][1]
        features = plan.whole("features")
        self.dense = nn.Sequential(
            nn.Linear(plan.code, features), nn.SiLU(), nn.Linear(features, widths[-1] * cells)
        )
        steps = list(pairwise([*reversed(widths), widths[0]]))
        self.blocks = nn.ModuleList(
            nn.Sequential(*(ResidualConv(i, norm) for _ in range(blocks))) for i, _ in steps
        )
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in steps)
        self.norms = nn.ModuleList(conv_norm(norm, i) for i, _ in steps)
        self.last = nn.Conv2d(widths[0], plan.output[0], 3, padding=1, bias=False)
        self.bias_CHW = nn.Parameter(torch.zeros(plan.output))

    def forward(self, z_BD: Tensor) -> Tensor:
        """(B, D) → (B, P·C, H, W)."""
        h = self.dense(z_BD).view(-1, self.deepest, *self.sizes[-1])
        rows = zip(reversed(self.sizes[:-1]), self.blocks, self.norms, self.convs, strict=True)
        for size, blocks, norm, conv in rows:
            h = conv(F.interpolate(F.silu(norm(blocks(h))), size=size, mode="nearest"))
        return self.last(F.silu(h)) + self.bias_CHW

    def set_bias(self, bias_CHW: Tensor) -> None:
        """Start at this picture: a bias per pixel, since a convolution has only one per channel."""
        self.bias_CHW.data.copy_(bias_CHW)


def build_grids(plan: Plan) -> Networks:
    """Encoder of strided convolutions (and residual blocks), decoder of resize-convolutions."""
    first, features, norm = (
        plan.whole("channels") // 8 * 8,
        plan.whole("features"),
        plan.word("norm"),
    )
    sizes = halvings(*plan.picture[1:])
    widths = [min(first << level, WIDEST * first) for level in range(len(sizes) - 1)]
    down: list[nn.Module] = []
    for channels_in, channels_out in pairwise([plan.picture[0], *widths]):
        down += [nn.Conv2d(channels_in, channels_out, 3, 2, 1), conv_norm(norm, channels_out)]
        down += [nn.SiLU(), *(ResidualConv(channels_out, norm) for _ in range(_blocks(plan)))]
    cells = sizes[-1][0] * sizes[-1][1]
    dense = [nn.Flatten(), nn.Linear(widths[-1] * cells, features), nn.SiLU()]
    encoder = nn.Sequential(*down, *dense, posterior_head(features, plan.units))
    return Networks(encoder, GridDecoder(plan, sizes, widths))


def _blocks(plan: Plan) -> int:
    return plan.whole("blocks") if "blocks" in plan.options else 0
