"""One trip through the model, which most objectives begin with. Shapes: B batch, D units."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Generator, Tensor

from vae_studio.engine.objective import Model, Setting, codes_of
from vae_studio.engine.vae import Posterior


@dataclass(frozen=True)
class Trip:
    """Pictures to posterior to one code each to pictures.

    ``distortion`` and ``rate`` are batch means in nats per image, 0-d; sums over pixels and units
    (any other reduction is another β).
    """

    posterior: Posterior
    z_BD: Tensor
    distortion: Tensor
    rate: Tensor


def once(model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Trip:
    """The trip of pictures in [0, 1]: one posterior sample per image."""
    target = model.likelihood.target(x_BCHW, generator)
    posterior = model.posterior(target)
    z_BD = codes_of(posterior, at, generator)
    distortion = model.likelihood.nll(model.decode(z_BD), target).mean()
    return Trip(posterior, z_BD, distortion, model.kl(posterior, z_BD).mean())
