"""A linear decoder with Gaussian pixels: the one VAE whose every number is known exactly.

x = W z + m + σ ε is probabilistic PCA (Tipping & Bishop 1999); Lucas et al. 2019 (1911.02469) show
that a linear VAE reaches its likelihood at the optimum. The columns of W are orthogonal here, so
that the exact posterior has independent units and the ELBO's gap can close.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from vae_studio.data.image_set import ImageSet
from vae_studio.engine import catalog
from vae_studio.engine.parts import Networks
from vae_studio.engine.prior import Prior
from vae_studio.engine.vae import VAE

SHAPE = (1, 6, 5)
PIXELS = 30
UNITS = 4
SIGMA = 0.1


class ExactEncoder(nn.Module):
    """The posterior of the linear model, as the network would answer it: μ and the raw ln σ²."""

    def __init__(self, weight_PD: Tensor, mean_P: Tensor) -> None:
        super().__init__()
        self.weight_PD, self.mean_P = weight_PD, mean_P
        self.precision_D = 1 + weight_PD.square().sum(0) / SIGMA**2

    def forward(self, x_BCHW: Tensor) -> Tensor:
        offset_BP = x_BCHW.flatten(1) - self.mean_P
        mean_BD = offset_BP @ self.weight_PD / SIGMA**2 / self.precision_D
        logvar_D = -self.precision_D.log()
        raw_D = 6 * torch.atanh((logvar_D + 2) / 6) - 2  # undoes the VAE's soft clamp
        return torch.cat([mean_BD, raw_D.expand(len(mean_BD), -1)], dim=1)


class LinearDecoder(nn.Module):
    """z ↦ W z + m."""

    def __init__(self, weight_PD: Tensor, mean_P: Tensor) -> None:
        super().__init__()
        self.weight_PD = nn.Parameter(weight_PD)
        self.mean_P = mean_P

    def forward(self, z_BD: Tensor) -> Tensor:
        return (z_BD @ self.weight_PD.T + self.mean_P).view(-1, *SHAPE)


class LinearWorld:
    """The VAE, the covariance of its pictures, and pictures."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        orthogonal_PD, _ = torch.linalg.qr(torch.randn(PIXELS, UNITS, generator=generator))
        self.weight_PD = orthogonal_PD * torch.tensor([0.5, 0.3, 0.15, 0.05])
        self.mean_P = torch.full((PIXELS,), 0.5)
        likelihood = catalog.load(catalog.likelihoods()["gaussian"], "Likelihood")({"sigma": SIGMA})
        networks = Networks(
            ExactEncoder(self.weight_PD, self.mean_P), LinearDecoder(self.weight_PD, self.mean_P)
        )
        self.vae = VAE(networks, likelihood, standard_prior(), units=UNITS, shape=SHAPE).eval()

    def images(self, count: int, *, seed: int = 1) -> ImageSet:
        """Draws from the model, rounded to the 8 bits that an ImageSet has."""
        dice = np.random.default_rng(seed)  # row by row: more pictures begin with the fewer ones
        drawn_NE = torch.from_numpy(dice.standard_normal((count, UNITS + PIXELS))).float()
        z_ND, noise_NP = drawn_NE[:, :UNITS], drawn_NE[:, UNITS:]
        x_NP = z_ND @ self.weight_PD.T + self.mean_P + SIGMA * noise_NP
        pixels = x_NP.mul(255).round().clamp(0, 255).to(torch.uint8)
        return ImageSet(pixels.view(count, *SHAPE).numpy())

    def exact_nll(self, images: ImageSet) -> np.ndarray:
        """−log p(x) per picture in float64: x ~ N(m, W Wᵀ + σ² I)."""
        x_NP = images.images_NCHW.reshape(len(images), -1) / 255.0
        weight = self.weight_PD.double().numpy()
        covariance = weight @ weight.T + SIGMA**2 * np.eye(PIXELS)
        offset = x_NP - self.mean_P.double().numpy()
        squared = np.einsum("np,pq,nq->n", offset, np.linalg.inv(covariance), offset)
        return 0.5 * (squared + np.linalg.slogdet(covariance)[1] + PIXELS * math.log(2 * math.pi))


def standard_prior() -> Prior:
    """N(0, I)."""
    return catalog.load(catalog.priors()["normal"], "Prior")(UNITS, {})


class WorseEncoder(ExactEncoder):
    """The right mean with a spread that is off by ``factor`` in variance and a shift of ``shift``
    standard deviations: a bound with a gap of known size.
    """

    def __init__(self, world: LinearWorld, factor: float = 1.0, shift: float = 0.0) -> None:
        super().__init__(world.weight_PD, world.mean_P)
        self.factor, self.shift = factor, shift

    def forward(self, x_BCHW: Tensor) -> Tensor:
        mean_BD, _ = super().forward(x_BCHW).chunk(2, dim=1)
        variance_D = self.factor / self.precision_D
        raw_D = 6 * torch.atanh((variance_D.log() + 2) / 6) - 2
        moved_BD = mean_BD + self.shift / self.precision_D.sqrt()
        return torch.cat([moved_BD, raw_D.expand(len(mean_BD), -1)], dim=1)

    @property
    def gap(self) -> float:
        """KL(q(z|x) || p(z|x)) in nats, the same for every picture."""
        per_unit = 0.5 * (self.factor + self.shift**2 - math.log(self.factor) - 1)
        return UNITS * per_unit
