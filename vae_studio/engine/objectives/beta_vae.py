"""D + β·R: the ELBO at β = 1, the β-VAE otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.engine.terms import Terms, gaussian_kl
from vae_studio.engine.vae import VAE

CARD = Card(
    name="beta-vae",
    label="β-VAE",
    help="Reconstruction plus β times KL. β = 1 is the ELBO; above it, the code is charged more.",
    source="Higgins 2017 (β-VAE, ICLR); Kingma & Welling 2013 (1312.6114), equation 10",
    order=10,
)


class Objective:
    """One posterior sample per image; analytic KL."""

    def __init__(self, options: Mapping[str, object]) -> None:
        del options  # it has none

    def __call__(self, vae: VAE, x_BCHW: Tensor, beta: float, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β · E_batch[Σ_units KL]."""
        target = vae.likelihood.target(x_BCHW, generator)
        posterior = vae.posterior(target)
        noise_BD = torch.randn(posterior.mean_BD.shape, generator=generator, device=target.device)
        output = vae.decode(posterior.sample(noise_BD))
        distortion = vae.likelihood.nll(output, target).mean()
        rate = gaussian_kl(posterior.mean_BD, posterior.logvar_BD).sum(1).mean()
        return Terms(distortion + beta * rate, distortion, rate)
