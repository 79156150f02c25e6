"""D, R and the units on a whole set, slice by slice, without touching the run's randomness."""

from __future__ import annotations

from collections.abc import Generator as Slices
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_studio.data.image_set import ImageSet
from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.engine.conditions import conditions_of
from vae_studio.engine.objective import Model, Setting, codes_of
from vae_studio.engine.terms import gaussian_kl
from vae_studio.engine.vae import VAE, Posterior

SLICE = 500  # images: about 10 ms on two cores, so a pointer request never waits longer


@dataclass(frozen=True, eq=False)
class Measured:
    """Means over ``images`` pictures, one posterior sample each, nats per image at β = 1."""

    distortion: float
    rate: float
    images: int
    units: UnitsMeasured
    bound: bool = True  # False for exact codes, which have no rate

    @property
    def nelbo(self) -> float:
        """D + R."""
        return self.distortion + self.rate


@torch.no_grad()
def _slice(model: Model, x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Posterior]:
    target = model.likelihood.target(x, generator)
    posterior = model.posterior(target)
    z_BD = codes_of(posterior, Setting(beta=1.0), generator)
    nll_B = model.likelihood.nll(model.decode(z_BD), target)
    return nll_B.double().sum(), model.kl(posterior, z_BD).double().sum(), posterior


def measure(
    vae: VAE, images: ImageSet, *, step: int = 0, slice_size: int = SLICE
) -> Slices[int, None, Measured]:
    """A generator: yields each slice's pictures when done, returns the Measured of the set.

    The noise is a function of nothing but the slice's place, so two models are compared on the
    same draws. The model is in evaluation mode meanwhile; sums are taken in float64.
    """
    device = next(vae.parameters()).device
    was_training = vae.training
    distortion, rate, kl_D = 0.0, 0.0, torch.zeros(vae.units, dtype=torch.float64)
    means, sigma_D = [], torch.zeros(vae.units, dtype=torch.float64)
    for start in range(0, len(images), slice_size):
        chosen = images.slice(start, start + slice_size)
        generator = torch.Generator(device).manual_seed(seed_for(0, "evaluation", start))
        x = as_floats(as_tensor(chosen.images_NCHW).to(device))
        vae.eval()
        nll, kl, posterior = _slice(vae.given(_told(vae, chosen, device)), x, generator)
        vae.train(was_training)
        distortion += float(nll)
        rate += float(kl)
        kl_BD = gaussian_kl(posterior.mean_BD, posterior.logvar_BD)
        kl_D += kl_BD.double().sum(0).cpu()
        means.append(posterior.mean_BD.double().cpu())
        sigma_D += (0.5 * posterior.logvar_BD).exp().double().sum(0).cpu()
        yield len(x)
    count = len(images)
    units = UnitsMeasured(
        step=step,
        kl_D=(kl_D / count).float().numpy(),
        mean_variance_D=torch.cat(means).var(0, correction=0).float().numpy(),
        sigma_D=(sigma_D / count).float().numpy(),
        images=count,
    )
    return Measured(distortion / count, rate / count, count, units, bound=not vae.exact)


def _told(vae: VAE, images: ImageSet, device: torch.device) -> Tensor | None:
    if not vae.condition or images.labels_N is None:
        return None
    return torch.from_numpy(conditions_of(images, vae.condition)).to(device)
