"""The model: encoder, reparameterisation, decoder. Shapes: B batch, D units, C×H×W picture,
K numbers that describe a picture (its class as one-hot, or its attributes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_studio.engine.likelihood import Likelihood
from vae_studio.engine.parts import Networks
from vae_studio.engine.prior import Prior
from vae_studio.engine.terms import gaussian_kl


@dataclass(frozen=True)
class Posterior:
    """q(z|x) = N(mean, exp(logvar)), diagonal, per image (B, D).

    ``exact`` is the autoencoder: the code is the mean, without noise and without a rate.
    """

    mean_BD: Tensor
    logvar_BD: Tensor
    exact: bool = False

    def sample(self, noise_BD: Tensor) -> Tensor:
        """z = μ + σ·ε (the reparameterisation trick) for ε ~ N(0, 1) of shape (B, D)."""
        if self.exact:
            return self.mean_BD
        return torch.addcmul(self.mean_BD, (0.5 * self.logvar_BD).exp(), noise_BD)

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log q(z|x) per image (B,), in nats."""
        squared = (z_BD - self.mean_BD).square() * (-self.logvar_BD).exp()
        return -0.5 * (squared + self.logvar_BD + math.log(2 * math.pi)).sum(1)


class VAE(nn.Module):
    """A variational autoencoder (1312.6114), conditional on K numbers per picture if K > 0.

    The condition reaches both nets: the encoder as one more channel (a learnt plane per number),
    the decoder beside the code (Sohn 2015, "Learning structured output representation"). A row of
    zeros stands for "not told", which is how a picture without a label is treated.
    """

    def __init__(
        self,
        networks: Networks,
        likelihood: Likelihood,
        prior: Prior,
        *,
        units: int,
        shape: tuple[int, int, int],
        condition: int = 0,
        exact: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = networks.encoder
        self.decoder = networks.decoder
        self.likelihood = likelihood
        self.prior = prior
        self.mean_norm: nn.Module = nn.Identity()  # an objective may put another in its place
        self.units = units
        self.shape = shape
        self.condition = condition
        self.exact = exact
        self.caveat = ""  # of the pictures it learns from; stands on every number
        if condition:
            self.plane = nn.Linear(condition, shape[1] * shape[2], bias=False)

    def posterior(self, x_BCHW: Tensor, condition_BK: Tensor | None = None) -> Posterior:
        """q(z|x) of what the likelihood calls the target of pictures."""
        if self.condition:
            told = self._told(condition_BK, x_BCHW)
            plane = self.plane(told).view(-1, 1, *self.shape[1:])
            x_BCHW = torch.cat([x_BCHW, plane.to(x_BCHW.dtype)], dim=1)
        mean, raw = self.encoder(x_BCHW).float().chunk(2, dim=1)
        return Posterior(self.mean_norm(mean), soft_clamp(raw), self.exact)

    def decode(self, z_BD: Tensor, condition_BK: Tensor | None = None) -> Tensor:
        """The likelihood's parameters (B, P·C, H, W) at codes z, in fp32."""
        if self.condition:
            z_BD = torch.cat([z_BD, self._told(condition_BK, z_BD)], dim=1)
        output: Tensor = self.decoder(z_BD)
        return output.float()

    def kl(self, posterior: Posterior, z_BD: Tensor) -> Tensor:
        """The rate per image (B,) in nats: exact for N(0, I), else log q(z|x) − log p(z) at z."""
        if posterior.exact:
            return torch.zeros_like(z_BD[:, 0])
        if self.prior.is_standard:
            return gaussian_kl(posterior.mean_BD, posterior.logvar_BD).sum(1)
        return posterior.log_prob(z_BD) - self.prior.log_prob(z_BD)

    def given(self, condition_BK: Tensor | None) -> VAE | Conditioned:
        """This model told what the pictures of a batch show."""
        return self if condition_BK is None else Conditioned(self, condition_BK)

    def _told(self, condition_BK: Tensor | None, like: Tensor) -> Tensor:
        if condition_BK is None:
            return torch.zeros(len(like), self.condition, device=like.device)
        return condition_BK.repeat(len(like) // len(condition_BK), 1)


@dataclass(frozen=True)
class Conditioned:
    """A VAE with the condition of a batch filled in; to an objective it looks like a VAE.

    Codes may come in whole blocks of the batch, (blocks · B, D).
    """

    vae: VAE
    condition_BK: Tensor

    @property
    def likelihood(self) -> Likelihood:
        """The model's likelihood."""
        return self.vae.likelihood

    @property
    def prior(self) -> Prior:
        """The model's prior; it does not depend on the condition."""
        return self.vae.prior

    @property
    def units(self) -> int:
        """D."""
        return self.vae.units

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return self.vae.shape

    def posterior(self, x_BCHW: Tensor) -> Posterior:
        """q(z|x, condition)."""
        return self.vae.posterior(x_BCHW, self.condition_BK)

    def decode(self, z_BD: Tensor) -> Tensor:
        """The likelihood's parameters of p(x|z, condition)."""
        return self.vae.decode(z_BD, self.condition_BK)

    def kl(self, posterior: Posterior, z_BD: Tensor) -> Tensor:
        """As ``VAE.kl``."""
        return self.vae.kl(posterior, z_BD)


def soft_clamp(raw: Tensor) -> Tensor:
    """Raw log-variance to (−8, 4) without a dead gradient: −2 + 6 tanh((raw + 2) / 6).

    Its slope is above 0.89 between −4 and 0, where posteriors live; exp() cannot overflow.
    """
    return torch.tanh((raw + 2.0) / 6.0).mul(6.0).sub(2.0)


def parameter_count(vae: nn.Module) -> int:
    """How many numbers are learnt."""
    return sum(parameter.numel() for parameter in vae.parameters())
