"""Models small enough to be followed with a pencil, in float64. B batch, D units, P pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from vae_studio.engine import catalog
from vae_studio.engine.objective import BaseObjective
from vae_studio.engine.parts import Networks
from vae_studio.engine.prior import Prior
from vae_studio.engine.terms import gaussian_kl
from vae_studio.engine.vae import VAE, Posterior

SHAPE = (1, 2, 3)
UNITS = 3
BATCH = 4


@contextmanager
def double() -> Iterator[None]:
    """New tensors are float64 inside."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


class Toy(VAE):
    """A linear encoder and a linear decoder under a grey Bernoulli."""

    def posterior(self, x_BCHW: Tensor, condition_BK: Tensor | None = None) -> Posterior:
        """As ``VAE.posterior``, in float64 and without a soft clamp."""
        mean_BD, logvar_BD = self.encoder(x_BCHW).chunk(2, dim=1)
        return Posterior(self.mean_norm(mean_BD), logvar_BD, self.exact)

    def decode(self, z_BD: Tensor, condition_BK: Tensor | None = None) -> Tensor:
        """As ``VAE.decode``, in float64."""
        return self.decoder(z_BD)


class Shifted(nn.Module):
    """p(z) = Π N(m, s²) with a learnt m and s: a prior that is not the standard one."""

    name = "shifted"
    is_standard = False

    def __init__(self, units: int) -> None:
        super().__init__()
        self.mean_D = nn.Parameter(torch.linspace(-0.5, 0.7, units))
        self.log_sigma_D = nn.Parameter(torch.linspace(0.2, -0.3, units))

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log p(z) (B,)."""
        scaled = (z_BD - self.mean_D) * (-self.log_sigma_D).exp()
        return (-0.5 * (scaled.square() + math.log(2 * math.pi)) - self.log_sigma_D).sum(1)

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """m + temperature · s · ε."""
        return self.mean_D + temperature * self.log_sigma_D.exp() * noise_BD


def make_toy(prior: Prior | None = None, *, exact: bool = False) -> Toy:
    """A toy with weights that are always the same."""
    likelihood = catalog.load(catalog.likelihoods()["bernoulli-grey"], "Likelihood")({})
    normal = catalog.load(catalog.priors()["normal"], "Prior")
    torch.manual_seed(3)
    pixels = math.prod(SHAPE)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 2 * UNITS))
    decoder = nn.Sequential(nn.Linear(UNITS, pixels), nn.Unflatten(1, SHAPE))
    nn.init.normal_(encoder[1].weight)
    return Toy(
        Networks(encoder, decoder), likelihood, prior or normal(UNITS, {}),
        units=UNITS, shape=SHAPE, exact=exact,
    )  # fmt: skip


def make_objective(name: str, **options: object) -> BaseObjective:
    """An objective as the catalog makes it, with these options over its defaults."""
    card = catalog.objectives()[name]
    return catalog.load(card, "Objective")({**card.defaults(), **options})


class LinearGaussian(nn.Module):
    """p(z) = N(0, 1), p(x|z) = N(a·z, s²) for one unit and one pixel; each picture's posterior
    N(m, v) is a parameter of its own, so that one backward pass gives every picture's gradient.
    """

    a, s = 1.5, 0.7
    units, shape = 1, (1, 1, 1)

    def __init__(self, mean: float, variance: float, batch: int) -> None:
        super().__init__()
        self.prior = catalog.load(catalog.priors()["normal"], "Prior")(1, {})
        self.likelihood = self
        self.mean_BD = nn.Parameter(torch.full((batch, 1), mean))
        self.logvar_BD = nn.Parameter(torch.full((batch, 1), math.log(variance)))

    def posterior(self, x_BCHW: Tensor) -> Posterior:
        """N(m, v) of every picture."""
        return Posterior(self.mean_BD, self.logvar_BD)

    def decode(self, z_BD: Tensor) -> Tensor:
        """a · z as a picture."""
        return (self.a * z_BD).view(-1, 1, 1, 1)

    def kl(self, posterior: Posterior, z_BD: Tensor) -> Tensor:
        """KL(q‖N(0, 1)) (B,)."""
        return gaussian_kl(posterior.mean_BD, posterior.logvar_BD).sum(1)

    def target(self, x: Tensor, generator: object) -> Tensor:
        """The picture."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log N(x; a·z, s²) (B,)."""
        error = (target - output).flatten(1).square().sum(1) / self.s**2
        return 0.5 * (error + math.log(2 * math.pi * self.s**2))

    def exact(self, x: float) -> tuple[float, float, float]:
        """−log p(x), and the mean and variance of p(z|x)."""
        total = self.a**2 + self.s**2
        surprise = 0.5 * (x**2 / total + math.log(2 * math.pi * total))
        return surprise, self.a * x / total, self.s**2 / total
