"""log p(x) by importance sampling: the number models are compared by.

−log p(x) ≤ −log 1/K Σ_k w_k with w = p(x|z) p(z) / q(z|x), z ~ q(z|x): Burda et al. 2016
(1509.00519), equation 8; K = 1 is the NELBO and K → ∞ the exact value.

Shapes: N pictures, G pictures at once, K samples per picture, D units, P priors, M readings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_studio.data.image_set import ImageSet
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.engine.layers import layers_of
from vae_studio.engine.measure import evaluating, told_of
from vae_studio.engine.objective import Model
from vae_studio.engine.prior import Prior
from vae_studio.engine.vae import VAE, Posterior
from vae_studio.evaluation.slices import Shares

MOST_CODES = 1000  # decoded at once
PRODUCTS_PER_SLICE = 2e9  # multiplications of the decoder: some 50 ms on a modest CPU


@dataclass(frozen=True, eq=False)
class ImportanceSampled:
    """−log p(x) in nats per image under one prior, from the same draws for every ``samples``.

    ``nll_NM`` are the readings of each picture at K = ``samples_M`` draws: the mean over all
    groups of K draws, so that they fall with K for every single picture (Jensen). ``ess_N`` is
    (Σw)² / Σw² over all draws: how many of them the last reading really rests on.
    """

    samples_M: tuple[int, ...]
    nll_NM: NDArray[np.float64]
    ess_N: NDArray[np.float64]

    @property
    def images(self) -> int:
        """N."""
        return len(self.nll_NM)

    @property
    def nll_M(self) -> NDArray[np.float64]:
        """The means over pictures."""
        return self.nll_NM.mean(0)

    @property
    def error_M(self) -> NDArray[np.float64]:
        """Their standard errors, from the spread between pictures."""
        return self.nll_NM.std(0, ddof=1) / math.sqrt(max(2, self.images))

    @property
    def median_ess(self) -> float:
        """Half of the pictures rest on fewer draws than this."""
        return float(np.median(self.ess_N))


def importance_sampled(
    vae: VAE, images: ImageSet, *, samples: int = 1000, priors: Sequence[Prior] = ()
) -> Shares[tuple[ImportanceSampled, ...]]:
    """−log p(x) of every picture, for each prior in ``priors`` (default: the model's own).

    All noise, that of a binarising likelihood included, is a function of the picture's place
    alone: two models are compared on the same draws, whatever else is measured. Stopped early, it
    answers for the pictures it has done. Raises ValueError for exact codes: they have no density.
    """
    if vae.exact:
        raise ValueError("exact codes have no density to sample by")
    asked = tuple(priors) or (vae.prior,)
    codes = _codes_at_once(vae)
    at_once = max(1, codes // samples)
    readings = reading_sizes(samples)
    found: list[list[tuple[Tensor, Tensor]]] = [[] for _ in asked]
    for start in range(0, len(images), at_once):
        group = images.slice(start, start + at_once)
        log_w_PKG: list[list[Tensor]] = [[] for _ in asked]
        for done, log_ws in _weights(vae, group, start, samples, asked, codes):
            for kept, log_w_KG in zip(log_w_PKG, log_ws, strict=True):
                kept.append(log_w_KG)
            stop = yield (start + done * len(group)) / len(images)
            if stop and found[0]:
                return tuple(_answer(readings, parts) for parts in found)
        for parts, kept in zip(found, log_w_PKG, strict=True):
            log_w_KG = torch.cat(kept)
            parts.append((nested_nll(log_w_KG, readings), effective_samples(log_w_KG)))
    return tuple(_answer(readings, parts) for parts in found)


def reading_sizes(samples: int) -> tuple[int, ...]:
    """1, 10, 100, … up to ``samples``, each a divisor of the next."""
    tens = [10**power for power in range(9) if 10**power < samples and samples % 10**power == 0]
    return (*tens, samples)


def nested_nll(log_w_KG: Tensor, readings: Sequence[int]) -> Tensor:
    """−log 1/k Σ w for each k in ``readings``, averaged over the K/k groups of draws, (G, M)."""
    count = len(log_w_KG)
    columns = [
        (log_w_KG.view(count // k, k, -1).logsumexp(1) - math.log(k)).mean(0) for k in readings
    ]
    return -torch.stack(columns, dim=1)


def effective_samples(log_w_KG: Tensor) -> Tensor:
    """(Σw)² / Σw² per picture (G,)."""
    return (2 * log_w_KG.logsumexp(0) - (2 * log_w_KG).logsumexp(0)).exp()


def _weights(
    vae: VAE, group: ImageSet, start: int, samples: int, priors: Sequence[Prior], codes: int
) -> Iterator[tuple[float, tuple[Tensor, ...]]]:
    """Yields, chunk by chunk of the draws, the share done and log w (k, G) for each prior."""
    device = next(vae.parameters()).device
    model = vae.given(told_of(vae, group, device))
    target, noise_KGD = _drawn(model, group, start, samples, device)
    with evaluating(vae), torch.no_grad():
        posterior = model.posterior(target)
    step = max(1, codes // len(group))
    for first in range(0, samples, step):
        with evaluating(vae), torch.no_grad():
            log_ws = _log_weights(model, posterior, target, noise_KGD[first : first + step], priors)
        yield min(1.0, (first + step) / samples), log_ws


def _drawn(
    model: Model, group: ImageSet, start: int, samples: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    targets, noises = [], []
    pictures = as_floats(as_tensor(group.images_NCHW).to(device))
    for offset, picture in enumerate(pictures):
        generator = torch.Generator(device).manual_seed(seed_for(0, "importance", start + offset))
        targets.append(model.likelihood.target(picture[None], generator))
        noises.append(torch.randn(samples, model.units, generator=generator, device=device))
    return torch.cat(targets), torch.stack(noises, dim=1)


def _log_weights(
    model: Model, posterior: Posterior, target: Tensor, noise_kGD: Tensor, priors: Sequence[Prior]
) -> tuple[Tensor, ...]:
    count, group = noise_kGD.shape[:2]
    repeated = Posterior(posterior.mean_BD.repeat(count, 1), posterior.logvar_BD.repeat(count, 1))
    z_BD = repeated.sample(noise_kGD.flatten(0, 1))
    targets = target.expand(count, *target.shape).flatten(0, 1)
    nll_B = model.likelihood.nll(model.decode(z_BD), targets).double()
    fixed_B = -nll_B - repeated.log_prob(z_BD).double()
    return tuple(
        (fixed_B + prior.log_prob(z_BD).double()).view(count, group).cpu() for prior in priors
    )


def _codes_at_once(vae: VAE) -> int:
    layers = layers_of(vae).layers
    products = sum(layer.products for layer in layers if layer.part == "decoder")
    return int(min(MOST_CODES, max(20, PRODUCTS_PER_SLICE / max(1, products))))


def _answer(readings: tuple[int, ...], parts: Sequence[tuple[Tensor, Tensor]]) -> ImportanceSampled:
    nlls, sizes = zip(*parts, strict=True)
    return ImportanceSampled(readings, torch.cat(nlls).numpy(), torch.cat(sizes).numpy())
