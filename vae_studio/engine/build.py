"""From a config to a model: the one place that joins catalogs and modules."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vae_studio.data.cache_file import blocks_of
from vae_studio.domain.config import ModelConfig, ObjectiveConfig, RunConfig
from vae_studio.domain.convention import Convention
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.engine import catalog
from vae_studio.engine.assisted import Assisted
from vae_studio.engine.likelihood import Likelihood
from vae_studio.engine.objective import BaseObjective
from vae_studio.engine.parts import Plan
from vae_studio.engine.prior import Prior
from vae_studio.engine.vae import VAE


def build_likelihood(model: ModelConfig) -> Likelihood:
    """The likelihood a config names, with its options over the card's defaults."""
    card = catalog.likelihoods()[model.likelihood]
    options = {**card.defaults(), **model.likelihood_options}
    return catalog.load(card, "Likelihood")(options)  # type: ignore[no-any-return]


def build_prior(model: ModelConfig) -> Prior:
    """The prior a config names, with its options over the card's defaults."""
    card = catalog.priors()[model.prior]
    options = {**card.defaults(), **model.prior_options}
    return catalog.load(card, "Prior")(model.latent_dim, options)  # type: ignore[no-any-return]


def build_objective(config: RunConfig, vae: VAE) -> BaseObjective:
    """The objective a config names, ready to train ``vae``; StudioError if it cannot."""
    name = config.objective.objective
    objective = _objective(config)
    if objective.needs_standard_prior and not vae.prior.is_standard:
        raise StudioError(
            f"The objective '{name}' is written for the prior N(0, I); choose --prior normal, "
            "or the objective beta-vae."
        )
    if objective.needs_sampled_codes and vae.exact:
        raise StudioError(
            f"The objective '{name}' charges for what codes tell, and exact codes have no rate; "
            "choose --codes sampled, or the objective beta-vae."
        )
    if config.objective.auxiliary != catalog.NO_AUXILIARY.name:
        objective = _assisted(objective, config.objective)
    objective.prepare(vae, seed=config.train.seed)
    return objective


def _assisted(objective: BaseObjective, config: ObjectiveConfig) -> BaseObjective:
    card = catalog.auxiliaries()[config.auxiliary]
    term = catalog.load(card, "Auxiliary")({**card.defaults(), **config.auxiliary_options})
    return Assisted(objective, term, name=card.label, weight=config.auxiliary_weight)


def build_model(config: RunConfig, shape: tuple[int, int, int], *, condition: int = 0) -> VAE:
    """The VAE of a run, with what its objective puts into it; see ``build_vae``."""
    vae = build_vae(config.model, shape, seed=config.train.seed, condition=condition)
    _objective(config).adapt(vae)
    return vae


def _objective(config: RunConfig) -> BaseObjective:
    card = catalog.objectives()[config.objective.objective]
    options = {**card.defaults(), **config.objective.options}
    return catalog.load(card, "Objective")(options)  # type: ignore[no-any-return]


def build_vae(
    model: ModelConfig, shape: tuple[int, int, int], *, seed: int, condition: int = 0
) -> VAE:
    """A VAE on the CPU whose first weights depend on ``seed`` alone.

    ``condition`` is how many numbers a conditional model is told about each picture.
    """
    card = catalog.networks()[model.net]
    channels, height, width = shape
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_for(seed, "weights"))
        likelihood = build_likelihood(model)
        plan = Plan(
            picture=(channels + bool(condition), height, width),
            units=model.latent_dim,
            code=model.latent_dim + condition,
            output=(channels * likelihood.parameters_per_value, height, width),
            options={**card.defaults(), **model.options},
        )
        return VAE(
            catalog.load(card, "build")(plan), likelihood, build_prior(model),
            units=model.latent_dim, shape=shape, condition=condition,
            exact=model.codes == "exact",
        )  # fmt: skip


def start_at_mean(vae: VAE, images_NCHW: NDArray[np.uint8]) -> None:
    """Let the untrained decoder answer the mean picture: 206 nats on MNIST instead of 543."""
    total = sum(block.sum(axis=0, dtype=np.int64) for block in blocks_of(images_NCHW))
    mean = torch.from_numpy(total / (255.0 * len(images_NCHW))).float()
    vae.decoder.set_bias(vae.likelihood.initial_bias(mean))  # type: ignore[operator]


def convention_of(vae: VAE) -> Convention:
    """The stamp on every likelihood number of this model."""
    prior = "" if vae.prior.is_standard else vae.prior.name
    return Convention(
        vae.likelihood.short, vae.shape, bound=not vae.exact, prior=prior,
        discrete=vae.likelihood.discrete, caveat=vae.caveat,
    )  # fmt: skip
