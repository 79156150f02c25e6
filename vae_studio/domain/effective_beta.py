"""What β comes to once the likelihood's own scale is counted: one number and one sentence.

A Gaussian of fixed σ has D = SSE/2σ² + a constant, so

    D + β·R  =  (1/σ²) · (SSE/2 + β·σ²·R) + a constant.

Adam hardly sees the factor in front: β and σ move the weights through β·σ² alone, which is the β of
a Gaussian with σ = 1 ("at unit variance"). Read the other way, D + β·R is β times the negative ELBO
of a Gaussian with σ·√β: whatever β, the training is that of a true ELBO, only not of the one whose
σ stands in the settings (Beta-Sigma VAE, 2409.09361). In the same way a Laplace density of fixed
scale b, D = Σ|x − m|/b + a constant, leaves β·b. Likelihoods without a scale (all Bernoullis) and
those that fit it themselves (σ-VAE, discretised logistic) leave β as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vae_studio.domain.cards import Card
from vae_studio.domain.config import ObjectiveConfig, RunConfig

Cards = Callable[[str], Mapping[str, Card]]


@dataclass(frozen=True)
class EffectiveBeta:
    """``value`` is the price of a nat of code at unit scale (NaN where the objective moves it
    itself); ``normalised`` is value · units / values of a picture (Higgins 2017, section 4.2);
    ``sentence`` says the value, ``reason`` where it comes from."""

    value: float
    normalised: float
    sentence: str
    reason: str


@dataclass(frozen=True)
class _Scale:
    """The option that holds a likelihood's fixed scale; the squared error has its square."""

    option: str
    sign: str
    power: int
    unit: str
    family: str


_SCALES = {
    "gaussian": _Scale("sigma", "σ", 2, "unit variance", "Gaussian"),
    "laplace": _Scale("scale", "b", 1, "unit scale", "Laplace density"),
}

#: Objectives that weigh the rate R with something else than the β of the settings.
_RATE_WEIGHTS: dict[str, Callable[[Mapping[str, float]], float]] = {
    "elbo": lambda options: 1.0,
    "iwae": lambda options: 1.0,
    "capacity": lambda options: options["gamma"],
    "beta-tcvae": lambda options: options["gamma"],
    "info-vae": lambda options: 1.0 - options["alpha"],
    "control-vae": lambda options: math.nan,
}

#: Objectives that are D + weight · R and nothing else.
_PLAIN = frozenset({"beta-vae", "elbo", "bn-vae"})

#: What else is to be said of the loss of others, where it is not "its own terms".
_BESIDE = {"iwae": ", in a bound at least as tight as the ELBO"}

#: E[−log p(b|z)] over binarisations b of a grey picture is its cross-entropy.
_GREY = "The ELBO is that of the binarised pictures; of grey ones it is no density."

_TARGET_REACHED = {
    "constant": "",
    "cyclical": "This holds at the top of each cycle.",
}
_WARMED_UP = "This holds once the annealing has reached its target."


def effective_beta(config: RunConfig, shape: tuple[int, int, int], cards: Cards) -> EffectiveBeta:
    """The effective β of these settings on pictures of ``shape`` (C, H, W).

    ``cards`` answers the cards of a catalog ("likelihood", "objective"), for the defaults of
    options that are not set. A likelihood or objective unknown here counts as one without a scale,
    weighed with β.
    """
    model, objective = config.model, config.objective
    options = _options(cards("objective").get(objective.objective), objective.options)
    price = _price(config, options)
    likelihood = _options(cards("likelihood").get(model.likelihood), model.likelihood_options)
    scale = _SCALES.get(model.likelihood)
    width = likelihood.get(scale.option) if scale else None
    value = price if scale is None or width is None else price * width**scale.power
    normalised = value * model.latent_dim / math.prod(shape)
    sentence = _sentence(config, value, options, scale.unit if scale else "")
    if not value > 0:
        return EffectiveBeta(value, normalised, sentence, "")
    reason = [_origin(objective, price, scale, width)] if scale and width is not None else []
    if model.likelihood == "bernoulli-grey" and value == 1:
        reason.append(_GREY)
    reason.append(
        f"Normalised by {model.latent_dim} units and {math.prod(shape):,} values of a picture "
        f"(Higgins 2017) it is {spelled(normalised)}."
    )
    if objective.objective not in _RATE_WEIGHTS:
        reason.append(_TARGET_REACHED.get(objective.schedule, _WARMED_UP))
    return EffectiveBeta(value, normalised, sentence, " ".join(part for part in reason if part))


def spelled(value: float) -> str:
    """Three digits that count, never an exponent for what a person can read: "784", "0.00025"."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _options(card: Card | None, chosen: Mapping[str, object]) -> dict[str, float]:
    merged = {**(card.defaults() if card else {}), **chosen}
    return {name: float(v) for name, v in merged.items() if isinstance(v, int | float)}


def _price(config: RunConfig, options: Mapping[str, float]) -> float:
    weigh = _RATE_WEIGHTS.get(config.objective.objective)
    if config.model.codes == "exact":
        return 0.0
    return weigh(options) if weigh else config.objective.beta


def _sentence(config: RunConfig, value: float, options: Mapping[str, float], unit: str) -> str:
    objective = config.objective
    at_unit = f" at {unit}" if unit else ""
    if objective.objective == "control-vae":
        return f"Your loss moves β by itself, until the rate is {options['target']:g} nats."
    if objective.objective == "capacity":
        return (
            f"Your loss holds the rate at {objective.capacity:g} nats; a nat off costs "
            f"{spelled(value)}{at_unit}."
        )
    plain = objective.objective in _PLAIN and objective.auxiliary == "none"
    if value == 0:
        alone = "an autoencoder" if plain else "its own terms alone shape the codes"
        return f"Your loss puts no price on a nat of code: {alone}."
    end = _BESIDE.get(objective.objective, ", beside its own terms")
    if objective.auxiliary != "none":
        end = ", beside its auxiliary term"
    if plain:
        end = "" if unit else f": {_kind_of_bound(config, value)}"
    return f"Your loss equals β = {spelled(value)}{at_unit}{end}."


def _kind_of_bound(config: RunConfig, value: float) -> str:
    if config.objective.temperature != 1:
        return "no bound, its noise is scaled"
    if value > 1:
        return "a looser bound than the ELBO"
    if value < 1:
        return "below the ELBO, no bound"
    return "a true ELBO"


def _origin(objective: ObjectiveConfig, price: float, scale: _Scale, width: float) -> str:
    squared = "²" if scale.power == 2 else ""
    product = f"β·{scale.sign}{squared} = {spelled(price)} × {spelled(width)}{squared}"
    if objective.objective not in _PLAIN or objective.auxiliary != "none":
        return f"Only {product} decides the training."
    same = spelled(width * price ** (1 / scale.power))
    return (
        f"Only {product} decides the training: it is that of the ELBO of a {scale.family} with "
        f"{scale.sign} = {same}."
    )
