"""From a config to a model: the one place that joins catalogs and modules."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vae_studio.domain.config import ModelConfig, ObjectiveConfig
from vae_studio.domain.convention import Convention
from vae_studio.domain.seeds import seed_for
from vae_studio.engine import catalog
from vae_studio.engine.likelihood import Likelihood
from vae_studio.engine.objective import Objective
from vae_studio.engine.vae import VAE


def build_likelihood(model: ModelConfig) -> Likelihood:
    """The likelihood a config names, with its options over the card's defaults."""
    card = catalog.likelihoods()[model.likelihood]
    options = {**card.defaults(), **model.likelihood_options}
    return catalog.load(card, "Likelihood")(options)  # type: ignore[no-any-return]


def build_objective(config: ObjectiveConfig) -> Objective:
    """The objective a config names, with its options over the card's defaults."""
    card = catalog.objectives()[config.objective]
    return catalog.load(card, "Objective")({**card.defaults(), **config.options})  # type: ignore[no-any-return]


def build_vae(model: ModelConfig, shape: tuple[int, int, int], *, seed: int) -> VAE:
    """A VAE on the CPU whose first weights depend on ``seed`` alone."""
    card = catalog.networks()[model.net]
    likelihood = build_likelihood(model)
    channels, height, width = shape
    output_shape = (channels * likelihood.parameters_per_value, height, width)
    options = {**card.defaults(), **model.options}
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_for(seed, "weights"))
        networks = catalog.load(card, "build")(shape, model.latent_dim, output_shape, options)
    return VAE(networks, likelihood, units=model.latent_dim, shape=shape)


def start_at_mean(vae: VAE, images_NCHW: NDArray[np.uint8]) -> None:
    """Let the untrained decoder answer the mean picture: 206 nats on MNIST instead of 543."""
    total = images_NCHW.sum(axis=0, dtype=np.int64)
    mean = torch.from_numpy(total / (255.0 * len(images_NCHW))).float()
    vae.decoder.set_bias(vae.likelihood.initial_bias(mean))  # type: ignore[operator]


def convention_of(vae: VAE) -> Convention:
    """The stamp on every likelihood number of this model."""
    return Convention(vae.likelihood.short, vae.shape)
