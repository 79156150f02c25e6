"""D, R and the units on a whole set, slice by slice, without touching the run's randomness."""

from __future__ import annotations

from collections.abc import Generator as Slices
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Means over ``images`` pictures, one posterior sample each, nats per image at β = 1.

    The errors are standard errors of those means, from the spread between pictures.
    """

    distortion: float
    rate: float
    images: int
    units: UnitsMeasured
    bound: bool = True  # False for exact codes, which have no rate
    distortion_error: float = 0.0
    rate_error: float = 0.0
    nelbo_error: float = 0.0

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
    return nll_B.double(), model.kl(posterior, z_BD).double(), posterior


def measure(
    vae: VAE, images: ImageSet, *, step: int = 0, slice_size: int = SLICE
) -> Slices[int, None, Measured]:
    """A generator: yields each slice's pictures when done, returns the Measured of the set.

    The noise is a function of nothing but the slice's place, so two models are compared on the
    same draws. The model is in evaluation mode meanwhile; sums are taken in float64.
    """
    nlls, kls, kl_D = [], [], torch.zeros(vae.units, dtype=torch.float64)
    means, sigma_D = [], torch.zeros(vae.units, dtype=torch.float64)
    for model, x, generator in _slices(vae, images, slice_size):
        with evaluating(vae):
            nll_B, kl_B, posterior = _slice(model, x, generator)
        nlls.append(nll_B.cpu())
        kls.append(kl_B.cpu())
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
    nll_N, kl_N = torch.cat(nlls), torch.cat(kls)
    return Measured(
        float(nll_N.mean()), float(kl_N.mean()), count, units, bound=not vae.exact,
        distortion_error=standard_error(nll_N), rate_error=standard_error(kl_N),
        nelbo_error=standard_error(nll_N + kl_N),
    )  # fmt: skip


def posteriors(
    vae: VAE, images: ImageSet, *, slice_size: int = SLICE
) -> Slices[int, None, Posterior]:
    """A generator: yields each slice's pictures when done, returns q(z|x) of all of them (N, D),
    on the CPU. What a likelihood draws to make its target is a function of the slice's place.
    """
    means, logvars = [], []
    for model, x, generator in _slices(vae, images, slice_size):
        with evaluating(vae), torch.no_grad():
            posterior = model.posterior(model.likelihood.target(x, generator))
        means.append(posterior.mean_BD.cpu())
        logvars.append(posterior.logvar_BD.cpu())
        yield len(x)
    return Posterior(torch.cat(means), torch.cat(logvars), vae.exact)


@contextmanager
def evaluating(vae: VAE) -> Iterator[None]:
    """Evaluation mode inside; the mode it was in afterwards."""
    was_training = vae.training
    vae.eval()
    try:
        yield
    finally:
        vae.train(was_training)


def standard_error(values_N: Tensor) -> float:
    """Of the mean of independent values; 0 where there is only one."""
    return float(values_N.std() / len(values_N) ** 0.5) if len(values_N) > 1 else 0.0


def _slices(
    vae: VAE, images: ImageSet, slice_size: int
) -> Iterator[tuple[Model, Tensor, torch.Generator]]:
    device = next(vae.parameters()).device
    for start in range(0, len(images), slice_size):
        chosen = images.slice(start, start + slice_size)
        generator = torch.Generator(device).manual_seed(seed_for(0, "evaluation", start))
        x = as_floats(as_tensor(chosen.images_NCHW).to(device))
        yield vae.given(told_of(vae, chosen, device)), x, generator


def told_of(vae: VAE, images: ImageSet, device: torch.device) -> Tensor | None:
    """What a conditional model is told of these pictures (N, K); None where there is nothing."""
    if not vae.condition or images.labels_N is None:
        return None
    return torch.from_numpy(conditions_of(images, vae.condition)).to(device)
