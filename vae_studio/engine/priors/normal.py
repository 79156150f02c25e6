"""N(0, I): the prior of the original VAE, and the one its closed forms are written for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor, nn

from vae_studio.domain.cards import Card

CARD = Card(
    name="normal",
    label="N(0, I)",
    help="Independent standard normal units. Simple to sample and to draw; the codes of real "
    "pictures leave holes in it.",
    source="Kingma & Welling 2013 (1312.6114)",
    order=10,
)


class Prior(nn.Module):
    """p(z) = N(0, I)."""

    name = "normal"
    is_standard = True

    def __init__(self, units: int, options: Mapping[str, object]) -> None:
        super().__init__()
        del units, options  # it has none

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """−½ Σ (z² + ln 2π) per code (B,), in nats."""
        return -0.5 * (z_BD.square() + math.log(2 * math.pi)).sum(1)

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """temperature · ε."""
        return noise_BD * temperature
