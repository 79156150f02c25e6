"""Multi-scale structural similarity: do light, contrast and structure agree, at every size?"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vae_studio.domain.cards import Card

CARD = Card(
    name="ms-ssim",
    label="MS-SSIM",
    help="Compares light, contrast and structure in windows, at up to five sizes, instead of "
    "pixel by pixel: sharper edges for the same squared error.",
    source="Wang 2003 (Asilomar), equation 7; Snell 2017 (1511.06409)",
    order=10,
)

SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang 2003, section 3.2
WINDOW, WINDOW_SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2  # for values in [0, 1]
NATS_PER_VALUE = 0.1  # 1 − MS-SSIM is at most 1; a value of a copy costs about as many nats
LEAST = 0.01  # below it the power of a similarity is too steep to follow


class Auxiliary(nn.Module):
    """0.1 · values · (1 − MS-SSIM), mean over the batch: 0 for a perfect copy, 78 at most on
    28×28.
    """

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        del options  # it has none

    def forward(self, picture_BCHW: Tensor, x_BCHW: Tensor) -> Tensor:
        """The term of decoded pictures beside what they should be, both in [0, 1]; 0-d."""
        similarity_B = ms_ssim(picture_BCHW, x_BCHW)
        return NATS_PER_VALUE * x_BCHW[0].numel() * (1.0 - similarity_B).mean()


def ms_ssim(left_BCHW: Tensor, right_BCHW: Tensor) -> Tensor:
    """MS-SSIM of pictures in [0, 1], per image (B,): each channel for itself, then their mean.

    As many of the five scales are used as leave room for the window; their weights sum to 1.
    """
    side = min(left_BCHW.shape[2:])
    fitting = max(1, sum(side >= WINDOW * 2**scale for scale in range(len(SCALE_WEIGHTS))))
    weights = SCALE_WEIGHTS[:fitting]
    similarity_BC = torch.ones(left_BCHW.shape[:2], device=left_BCHW.device)
    for scale, weight in enumerate(weights):
        if scale:
            left_BCHW, right_BCHW = F.avg_pool2d(left_BCHW, 2), F.avg_pool2d(right_BCHW, 2)
        agreement_BC = _agreement(left_BCHW, right_BCHW, with_light=scale == fitting - 1)
        similarity_BC = similarity_BC * agreement_BC.clamp_min(LEAST) ** (weight / sum(weights))
    return similarity_BC.mean(1)


def _agreement(left: Tensor, right: Tensor, *, with_light: bool) -> Tensor:
    """Mean over the windows (B, C) of contrast and structure, and of light at the last scale."""
    maps = torch.cat([left, right, left.square() + right.square(), left * right])
    mean_l, mean_r, squares, product = _blur(maps).chunk(4)
    light = mean_l * mean_r
    lights = mean_l.square() + mean_r.square()
    found = (2.0 * (product - light) + C2) / (squares - lights + C2)
    if with_light:
        found = found * (2.0 * light + C1) / (lights + C1)
    return found.mean((2, 3))


def _blur(maps_BCHW: Tensor) -> Tensor:
    """The mean under a Gaussian window at every place where the whole window fits.

    As two products with band matrices: on a CPU, 8 to 25 times as fast as the convolutions.
    """
    height, width = maps_BCHW.shape[2:]
    return _band(height, maps_BCHW) @ maps_BCHW @ _band(width, maps_BCHW).T


def _band(side: int, like: Tensor) -> Tensor:
    """The window at each of its places, one a row: (places, side)."""
    size = min(WINDOW, side)
    column = torch.arange(side, device=like.device, dtype=like.dtype)
    from_centre = column - column[: side - size + 1, None] - (size - 1) / 2
    bell = torch.exp(-0.5 * (from_centre / WINDOW_SIGMA) ** 2)
    bell = bell * (from_centre.abs() <= (size - 1) / 2)
    return bell / bell.sum(1, keepdim=True)
