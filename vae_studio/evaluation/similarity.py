"""How near copies are to their originals: PSNR and SSIM. B pictures, C channels, values 0 to 1."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

WINDOW = 11  # pixels, and σ = 1.5: the sizes of the paper
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2
LEAST_ERROR = 1e-10  # equal pictures count as 100 dB


def psnr(shown_BCHW: Tensor, true_BCHW: Tensor) -> Tensor:
    """Peak signal-to-noise ratio per picture (B,) in dB: −10 log₁₀ of the mean squared error."""
    error_B = (shown_BCHW - true_BCHW).double().square().flatten(1).mean(1)
    return -10 * error_B.clamp_min(LEAST_ERROR).log10()


def ssim(shown_BCHW: Tensor, true_BCHW: Tensor) -> Tensor:
    """Structural similarity per picture (B,), 1 for equal pictures: the mean over channels and
    over all windows that fit inside (Wang et al. 2004, equation 13; Gaussian weights, the
    population's variance). The window shrinks with pictures smaller than it.
    """
    size = min(WINDOW, *shown_BCHW.shape[2:])
    x, y = shown_BCHW.double(), true_BCHW.double()
    mean_x, mean_y = _windowed(x, size), _windowed(y, size)
    variance_x = _windowed(x * x, size) - mean_x.square()
    variance_y = _windowed(y * y, size) - mean_y.square()
    covariance = _windowed(x * y, size) - mean_x * mean_y
    brightness = (2 * mean_x * mean_y + C1) / (mean_x.square() + mean_y.square() + C1)
    structure = (2 * covariance + C2) / (variance_x + variance_y + C2)
    return (brightness * structure).flatten(1).mean(1)


def _windowed(x_BCHW: Tensor, size: int) -> Tensor:
    """Gaussian-weighted means over every window inside, channel by channel."""
    at = torch.arange(size, dtype=x_BCHW.dtype, device=x_BCHW.device) - (size - 1) / 2
    weight = (-0.5 * (at / SIGMA).square()).exp()
    weight = weight / weight.sum()
    channels = x_BCHW.shape[1]
    rows = weight.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
    columns = weight.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    return functional.conv2d(
        functional.conv2d(x_BCHW, rows, groups=channels), columns, groups=channels
    )
