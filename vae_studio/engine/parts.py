"""What a network file hands to the VAE. Shapes: B batch, D units, C×H×W picture, P parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn


class Decoder(Protocol):
    """Maps codes z_BD to the likelihood's parameters (B, P·C, H, W)."""

    def __call__(self, z_BD: Tensor) -> Tensor: ...

    def set_bias(self, bias_CHW: Tensor) -> None:
        """Make the untrained decoder answer this picture (so training starts at its entropy)."""


@dataclass(frozen=True)
class Plan:
    """What a network file is asked to build.

    ``picture`` (C, H, W) is what the encoder sees, ``units`` how many means and raw
    log-variances it answers, ``code`` the width of the decoder's input (units, and the condition
    beside them), ``output`` (P·C, H, W) what the decoder answers. ``options`` are the card's.
    """

    picture: tuple[int, int, int]
    units: int
    code: int
    output: tuple[int, int, int]
    options: Mapping[str, object]

    def whole(self, name: str) -> int:
        """An option as a whole number."""
        return int(str(self.options[name]))

    def number(self, name: str) -> float:
        """An option as a number."""
        return float(str(self.options[name]))

    def word(self, name: str) -> str:
        """An option as a word."""
        return str(self.options[name])


@dataclass(frozen=True)
class Networks:
    """Encoder: x_BCHW → (B, 2·D), means beside raw log-variances. Decoder: see above."""

    encoder: nn.Module
    decoder: nn.Module


def dense_norm(kind: str, width: int) -> nn.Module:
    """Normalises features (B, F): over all of a picture's own, over eight groups of them, over
    the batch, or not at all.
    """
    kinds: dict[str, Callable[[], nn.Module]] = {
        "layer": lambda: nn.LayerNorm(width),
        "group": lambda: nn.GroupNorm(math.gcd(8, width), width),
        "batch": lambda: nn.BatchNorm1d(width),
        "none": nn.Identity,
    }
    return kinds[kind]()


def conv_norm(kind: str, channels: int) -> nn.Module:
    """As ``dense_norm``, for feature maps (B, C, H, W)."""
    kinds: dict[str, Callable[[], nn.Module]] = {
        "layer": lambda: nn.GroupNorm(1, channels),
        "group": lambda: nn.GroupNorm(math.gcd(8, channels), channels),
        "batch": lambda: nn.BatchNorm2d(channels),
        "none": nn.Identity,
    }
    return kinds[kind]()


ACTIVATIONS: dict[str, type[nn.Module]] = {"silu": nn.SiLU, "relu": nn.ReLU, "gelu": nn.GELU}


def posterior_head(features: int, latent_dim: int) -> nn.Linear:
    """features → (mean, raw log-variance); the latter starts small, so that q starts at σ ≈ 1."""
    head = nn.Linear(features, 2 * latent_dim)
    head.weight.data[latent_dim:].mul_(0.1)
    head.bias.data.zero_()
    return head


class PictureHead(nn.Linear):
    """The last linear layer of a dense decoder, unflattened to pictures (B, C, H, W)."""

    def __init__(self, features: int, shape: tuple[int, int, int]) -> None:
        channels, height, width = shape
        super().__init__(features, channels * height * width)
        self.shape = shape

    def forward(self, features_BF: Tensor) -> Tensor:
        """(B, F) → (B, C, H, W)."""
        return super().forward(features_BF).view(-1, *self.shape)
