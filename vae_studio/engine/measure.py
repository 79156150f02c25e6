"""D, R and the units on a whole set, slice by slice, without touching the run's randomness."""

from __future__ import annotations

from collections.abc import Generator as Slices
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.engine.terms import gaussian_kl
from vae_studio.engine.vae import VAE

SLICE = 500  # images: about 10 ms on two cores, so a pointer request never waits longer


@dataclass(frozen=True, eq=False)
class Measured:
    """Means over ``images`` pictures, one posterior sample each, nats per image at β = 1."""

    distortion: float
    rate: float
    images: int
    units: UnitsMeasured

    @property
    def nelbo(self) -> float:
        """D + R."""
        return self.distortion + self.rate


@torch.no_grad()
def _slice(
    vae: VAE, x: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    target = vae.likelihood.target(x, generator)
    posterior = vae.posterior(target)
    noise = torch.randn(posterior.mean_BD.shape, generator=generator, device=x.device)
    nll_B = vae.likelihood.nll(vae.decode(posterior.sample(noise)), target)
    kl_BD = gaussian_kl(posterior.mean_BD, posterior.logvar_BD)
    return nll_B.double().sum(), kl_BD.double(), posterior.mean_BD, posterior.logvar_BD


def measure(
    vae: VAE, images_NCHW: NDArray[np.uint8], *, step: int = 0, slice_size: int = SLICE
) -> Slices[int, None, Measured]:
    """A generator: yields each slice's pictures when done, returns the Measured of the set.

    The noise is a function of nothing but the slice's place, so two models are compared on the
    same draws. The model is in evaluation mode meanwhile; sums are taken in float64.
    """
    device = next(vae.parameters()).device
    was_training = vae.training
    distortion, kl_D = 0.0, torch.zeros(vae.units, dtype=torch.float64)
    means, sigma_D = [], torch.zeros(vae.units, dtype=torch.float64)
    for start in range(0, len(images_NCHW), slice_size):
        generator = torch.Generator(device).manual_seed(seed_for(0, "evaluation", start))
        x = as_floats(as_tensor(images_NCHW[start : start + slice_size]).to(device))
        vae.eval()
        nll, kl_BD, mean_BD, logvar_BD = _slice(vae, x, generator)
        vae.train(was_training)
        distortion += float(nll)
        kl_D += kl_BD.sum(0).cpu()
        means.append(mean_BD.double().cpu())
        sigma_D += (0.5 * logvar_BD).exp().double().sum(0).cpu()
        yield len(x)
    count = len(images_NCHW)
    units = UnitsMeasured(
        step=step,
        kl_D=(kl_D / count).float().numpy(),
        mean_variance_D=torch.cat(means).var(0, correction=0).float().numpy(),
        sigma_D=(sigma_D / count).float().numpy(),
        images=count,
    )
    return Measured(distortion / count, float(kl_D.sum()) / count, count, units)
