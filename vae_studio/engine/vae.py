"""The model: encoder, reparameterisation, decoder. Shapes: B batch, D units, C×H×W picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_studio.engine.likelihood import Likelihood
from vae_studio.engine.parts import Networks


@dataclass(frozen=True)
class Posterior:
    """q(z|x) = N(mean, exp(logvar)), diagonal, per image (B, D)."""

    mean_BD: Tensor
    logvar_BD: Tensor

    def sample(self, noise_BD: Tensor) -> Tensor:
        """z = μ + σ·ε (the reparameterisation trick) for ε ~ N(0, 1) of shape (B, D)."""
        return torch.addcmul(self.mean_BD, (0.5 * self.logvar_BD).exp(), noise_BD)


class VAE(nn.Module):
    """A variational autoencoder with a standard normal prior (1312.6114)."""

    def __init__(
        self, networks: Networks, likelihood: Likelihood, *, units: int, shape: tuple[int, int, int]
    ) -> None:
        super().__init__()
        self.encoder = networks.encoder
        self.decoder = networks.decoder
        self.likelihood = likelihood
        self.units = units
        self.shape = shape

    def posterior(self, x_BCHW: Tensor) -> Posterior:
        """q(z|x) of pictures in [0, 1]."""
        mean, raw = self.encoder(x_BCHW).float().chunk(2, dim=1)
        return Posterior(mean, soft_clamp(raw))

    def decode(self, z_BD: Tensor) -> Tensor:
        """The likelihood's parameters (B, P·C, H, W) at codes z, in fp32."""
        output: Tensor = self.decoder(z_BD)
        return output.float()


def soft_clamp(raw: Tensor) -> Tensor:
    """Raw log-variance to (−8, 4) without a dead gradient: −2 + 6 tanh((raw + 2) / 6).

    Its slope is above 0.89 between −4 and 0, where posteriors live; exp() cannot overflow.
    """
    return torch.tanh((raw + 2.0) / 6.0).mul(6.0).sub(2.0)


def parameter_count(vae: nn.Module) -> int:
    """How many numbers are learnt."""
    return sum(parameter.numel() for parameter in vae.parameters())
