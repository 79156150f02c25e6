"""What every objective answers; the implementations stand in ``engine.objectives``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE, Conditioned, Posterior

Model = VAE | Conditioned


@dataclass(frozen=True)
class Setting:
    """What is in force at a step, besides the pictures.

    ``capacity`` is the annealed target rate in nats, ``temperature`` the scale of the posterior's
    noise (1 is the ELBO), ``images`` the number N of training pictures, which minibatch estimators
    of the aggregate posterior need.
    """

    beta: float
    capacity: float = 0.0
    temperature: float = 1.0
    images: int = 1
    step: int = 0
    total_steps: int = 1


class BaseObjective:
    """The loss of a batch. Subclasses answer ``__call__``; the other methods are for objectives
    that learn something of their own (a discriminator, a controller) beside the model.
    """

    #: The loss is written for the prior N(0, I) and means nothing under another.
    needs_standard_prior = False

    #: The loss charges for the rate in a way that exact codes, which have none, cannot answer.
    needs_sampled_codes = False

    def __init__(self, options: Mapping[str, object]) -> None:
        self.options = options

    @property
    def codes_per_picture(self) -> int:
        """How many codes of each picture are decoded in a step."""
        return 1

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """Terms of pictures in [0, 1]; all noise is drawn with ``generator``."""
        raise NotImplementedError

    def number(self, name: str) -> float:
        """An option as a number."""
        return float(str(self.options[name]))

    def adapt(self, vae: VAE) -> None:
        """Change the model itself. Called wherever the model is built, to train it or to look at
        it, before weights are loaded; what is put in is saved and moved with the model.
        """

    def prepare(self, vae: VAE, *, seed: int) -> None:
        """Build what the objective itself learns, on the model's device; called once."""

    def before_step(self) -> None:
        """A step begins, or begins again after it failed: forget what was gathered for it."""

    def after_step(self, at: Setting) -> None:
        """The weights have moved (the batch may have come in several parts): learn as well."""

    def state(self) -> dict[str, Tensor]:
        """The objective's own tensors, alive: saved with every checkpoint, restored in place."""
        return {}


def codes_of(posterior: Posterior, at: Setting, generator: Generator) -> Tensor:
    """One code per picture (B, D): z = μ + temperature · σ · ε."""
    mean_BD = posterior.mean_BD
    noise_BD = torch.randn(mean_BD.shape, generator=generator, device=mean_BD.device)
    return posterior.sample(noise_BD if at.temperature == 1.0 else noise_BD * at.temperature)
