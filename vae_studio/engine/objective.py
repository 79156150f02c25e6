"""What every objective answers; the implementations stand in ``engine.objectives``."""

from __future__ import annotations

from typing import Protocol

from torch import Generator, Tensor

from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE


class Objective(Protocol):
    """The loss of a batch at a KL weight."""

    def __call__(self, vae: VAE, x_BCHW: Tensor, beta: float, generator: Generator) -> Terms:
        """Terms of pictures in [0, 1]; all noise is drawn with ``generator``."""
