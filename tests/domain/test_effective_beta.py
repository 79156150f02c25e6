"""One number for what a loss charges for a nat of code, whatever the likelihood's scale."""

from __future__ import annotations

import math

import pytest

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.effective_beta import effective_beta, spelled
from vae_studio.engine import catalog

DIGIT = (1, 28, 28)


def settings(**values: float | str) -> RunConfig:
    """A config with the values at these places ("model__likelihood" is model.likelihood)."""
    config = RunConfig()
    for place, value in values.items():
        config = with_value(config, place.replace("__", "."), value)
    return config


def gaussian(sigma: float, beta: float = 1.0) -> RunConfig:
    return settings(
        model__likelihood="gaussian", model__likelihood_options__sigma=sigma, objective__beta=beta
    )


def test_that_the_sentence_of_the_usual_colour_recipe_is_the_published_one() -> None:
    found = effective_beta(gaussian(1.23935), (3, 64, 64), catalog.cards)
    assert found.sentence == "Your loss equals β = 1.54 at unit variance."
    assert "ELBO of a Gaussian with σ = 1.24" in found.reason


def test_that_beta_times_the_variance_is_all_that_moves_the_weights() -> None:
    """Two settings with one β·σ² have parallel gradients: SSE/2σ² + β·R, by SSE and by R."""

    def price(sigma: float, beta: float) -> float:
        by_error, by_rate = 1 / (2 * sigma**2), beta
        return by_rate / (2 * by_error)

    for sigma, beta in ((0.1, 1.0), (0.05, 4.0), (1.0, 0.01)):
        found = effective_beta(gaussian(sigma, beta), DIGIT, catalog.cards)
        assert found.value == pytest.approx(price(sigma, beta)) == pytest.approx(0.01)


def test_that_an_option_nobody_set_counts_with_its_default() -> None:
    found = effective_beta(settings(model__likelihood="gaussian"), DIGIT, catalog.cards)
    assert found.value == pytest.approx(0.1**2)


@pytest.mark.parametrize(
    ("likelihood", "beta", "sentence"),
    [
        ("bernoulli-dynamic", 1.0, "Your loss equals β = 1: a true ELBO."),
        ("bernoulli-grey", 1.0, "Your loss equals β = 1: a true ELBO."),
        ("bernoulli-grey", 4.0, "Your loss equals β = 4: a looser bound than the ELBO."),
        ("bernoulli-grey", 0.5, "Your loss equals β = 0.5: below the ELBO, no bound."),
        ("bernoulli-grey", 0.0, "Your loss puts no price on a nat of code: an autoencoder."),
    ],
)  # fmt: skip
def test_that_a_likelihood_without_a_scale_leaves_beta_as_it_is(
    likelihood: str, beta: float, sentence: str
) -> None:
    config = settings(model__likelihood=likelihood, objective__beta=beta)
    found = effective_beta(config, DIGIT, catalog.cards)
    assert (found.value, found.sentence) == (beta, sentence)


@pytest.mark.parametrize("likelihood", sorted(catalog.likelihoods()))
@pytest.mark.parametrize("objective", sorted(catalog.objectives()))
def test_that_every_likelihood_and_objective_of_the_catalog_gets_one_sentence(
    likelihood: str, objective: str
) -> None:
    config = settings(model__likelihood=likelihood, objective__objective=objective)
    found = effective_beta(config, DIGIT, catalog.cards)
    assert found.sentence.startswith("Your loss ")
    assert found.sentence.endswith(".")
    assert ". " not in found.sentence
    assert found.value >= 0 or math.isnan(found.value)


def test_that_the_elbo_ignores_the_beta_of_the_settings() -> None:
    config = settings(objective__objective="elbo", objective__beta=7.0)
    assert effective_beta(config, DIGIT, catalog.cards).value == 1.0


@pytest.mark.parametrize(
    ("objective", "sentence"),
    [
        ("capacity gamma=100", "Your loss holds the rate at 25 nats; a nat off costs 100."),
        ("control-vae target=10", "Your loss moves β by itself, until the rate is 10 nats."),
        ("iwae", "Your loss equals β = 1, in a bound at least as tight as the ELBO."),
        ("info-vae alpha=-1", "Your loss equals β = 2, beside its own terms."),
        ("beta-tcvae gamma=3", "Your loss equals β = 3, beside its own terms."),
        ("factor-vae", "Your loss equals β = 7, beside its own terms."),
        ("bn-vae", "Your loss equals β = 7: a looser bound than the ELBO."),
    ],
)
def test_that_the_weight_of_the_rate_is_the_one_the_objective_uses(
    objective: str, sentence: str
) -> None:
    name, *options = objective.split()
    config = settings(objective__objective=name, objective__beta=7.0, objective__capacity=25.0)
    for option, _, value in (text.partition("=") for text in options):
        config = with_value(config, f"objective.options.{option}", float(value))
    assert effective_beta(config, DIGIT, catalog.cards).sentence == sentence


def test_that_a_laplace_density_has_its_scale_once_not_squared() -> None:
    config = settings(
        model__likelihood="laplace", model__likelihood_options__scale=0.2, objective__beta=4.0
    )
    found = effective_beta(config, DIGIT, catalog.cards)
    assert found.sentence == "Your loss equals β = 0.8 at unit scale."
    assert "ELBO of a Laplace density with b = 0.8" in found.reason


def test_that_an_auxiliary_term_is_named_and_makes_no_elbo() -> None:
    config = settings(objective__auxiliary="ms-ssim")
    found = effective_beta(config, DIGIT, catalog.cards)
    assert found.sentence == "Your loss equals β = 1, beside its auxiliary term."


def test_that_scaled_noise_is_no_bound() -> None:
    config = settings(objective__temperature=0.5)
    assert "no bound" in effective_beta(config, DIGIT, catalog.cards).sentence


def test_that_exact_codes_cost_nothing() -> None:
    config = settings(model__codes="exact", objective__beta=7.0)
    assert effective_beta(config, DIGIT, catalog.cards).value == 0.0


def test_that_beta_is_normalised_by_units_and_values() -> None:
    config = settings(model__latent_dim=20, objective__beta=4.0)
    assert effective_beta(config, DIGIT, catalog.cards).normalised == pytest.approx(4 * 20 / 784)


def test_that_annealing_is_said_to_hold_later() -> None:
    for schedule, words in (("linear", "reached its target"), ("cyclical", "top of each cycle")):
        config = settings(objective__schedule=schedule)
        assert words in effective_beta(config, DIGIT, catalog.cards).reason
    for config in (
        RunConfig(),
        settings(objective__schedule="linear", objective__objective="elbo"),
    ):
        assert "target" not in effective_beta(config, DIGIT, catalog.cards).reason


@pytest.mark.parametrize(
    ("value", "text"), [(1.536, "1.54"), (784, "784"), (160_000, "160,000"), (0.00025, "0.00025")]
)
def test_that_numbers_are_spelled_for_people(value: float, text: str) -> None:
    assert spelled(value) == text
