"""The NELBO and the importance-sampled NLL against the exact log p(x) of a linear model."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from support.ppca import LinearWorld, WorseEncoder

from vae_studio.data.image_set import ImageSet
from vae_studio.domain.config import ModelConfig
from vae_studio.engine import build, catalog
from vae_studio.engine.fit_prior import Fit, fit_prior, new_prior
from vae_studio.engine.measure import Measured, measure
from vae_studio.evaluation.importance import (
    ImportanceSampled,
    effective_samples,
    importance_sampled,
    nested_nll,
    reading_sizes,
)
from vae_studio.evaluation.slices import finish

TOLERANCE = 0.05  # nat


@pytest.fixture
def world() -> LinearWorld:
    return LinearWorld()


def sampled(world: LinearWorld, count: int, samples: int, **more) -> ImportanceSampled:
    return finish(importance_sampled(world.vae, world.images(count), samples=samples, **more))[0]


def test_that_the_nelbo_at_the_optimum_is_the_exact_nll(world: LinearWorld) -> None:
    images = world.images(2000)
    found: Measured = finish(measure(world.vae, images))
    exact = world.exact_nll(images)
    assert found.nelbo == pytest.approx(exact.mean(), abs=TOLERANCE)
    assert found.nelbo_error == pytest.approx(exact.std() / math.sqrt(2000), rel=0.15)


class WrongEncoder(WorseEncoder):
    """Takes ln σ² for ln σ, as public code does."""

    def forward(self, x_BCHW: torch.Tensor) -> torch.Tensor:
        mean_BD, raw_BD = super().forward(x_BCHW).chunk(2, dim=1)
        return torch.cat([mean_BD, raw_BD * 2], dim=1)


class MeanOverPixels:
    """A likelihood that averages over pixels instead of summing."""

    def __init__(self, right) -> None:
        self.right = right

    def __getattr__(self, name: str):
        return getattr(self.right, name)

    def nll(self, output, target):
        return self.right.nll(output, target) / output[0].numel()


def test_that_the_known_ways_to_get_the_nelbo_wrong_would_be_seen(world: LinearWorld) -> None:
    images = world.images(500)
    exact = world.exact_nll(images).mean()
    right = world.vae.encoder
    world.vae.encoder = WrongEncoder(world)
    assert abs(finish(measure(world.vae, images)).nelbo - exact) > 10 * TOLERANCE
    world.vae.encoder = right
    world.vae.likelihood = MeanOverPixels(world.vae.likelihood)
    assert abs(finish(measure(world.vae, images)).nelbo - exact) > 10 * TOLERANCE


def test_that_a_known_gap_is_what_the_nelbo_shows(world: LinearWorld) -> None:
    images = world.images(2000)
    world.vae.encoder = worse = WorseEncoder(world, factor=1.5, shift=0.5)
    assert worse.gap > 0.5
    found: Measured = finish(measure(world.vae, images))
    exact = world.exact_nll(images).mean()
    assert found.nelbo - exact == pytest.approx(worse.gap, abs=2 * TOLERANCE)


def test_that_1000_samples_find_the_exact_nll_picture_by_picture(world: LinearWorld) -> None:
    world.vae.encoder = WorseEncoder(world, factor=1.5, shift=0.5)
    found = sampled(world, 60, 1000)
    error = found.nll_NM[:, -1] - world.exact_nll(world.images(60))
    assert abs(error.mean()) < TOLERANCE
    assert np.abs(error).max() < 0.3
    assert found.median_ess > 100


def test_that_a_forgotten_log_k_would_be_seen(world: LinearWorld) -> None:
    found = sampled(world, 20, 1000)
    forgotten = found.nll_M[-1] - math.log(1000)
    assert abs(forgotten - world.exact_nll(world.images(20)).mean()) > 10 * TOLERANCE


def test_that_every_reading_falls_with_more_samples_for_every_picture(world: LinearWorld) -> None:
    world.vae.encoder = WorseEncoder(world, factor=2.0, shift=1.0)
    found = sampled(world, 30, 1000)
    assert found.samples_M == (1, 10, 100, 1000)
    assert (np.diff(found.nll_NM, axis=1) <= 1e-9).all()
    assert found.nll_M[0] - found.nll_M[-1] > 1.0


def test_that_one_sample_is_the_nelbo(world: LinearWorld) -> None:
    world.vae.encoder = worse = WorseEncoder(world, shift=1.0)
    found = sampled(world, 200, 100)
    exact = world.exact_nll(world.images(200)).mean()
    assert found.nll_M[0] - exact == pytest.approx(worse.gap, abs=0.1)


def test_that_the_noise_of_a_picture_depends_on_its_place_alone(world: LinearWorld) -> None:
    world.vae.encoder = WorseEncoder(world, shift=1.0)
    few, many = sampled(world, 3, 50), sampled(world, 45, 50)
    assert np.allclose(few.nll_NM, many.nll_NM[:3], atol=1e-4)
    assert not np.allclose(few.nll_NM[0] - few.nll_NM[1], 0)


def test_that_two_priors_are_compared_on_the_same_draws(world: LinearWorld) -> None:
    flow = new_prior("realnvp", world.vae.units, {}, seed=0)  # untrained: equal to N(0, I)
    images = world.images(10)
    both = finish(importance_sampled(world.vae, images, samples=50, priors=(world.vae.prior, flow)))
    assert np.allclose(both[0].nll_NM, both[1].nll_NM, atol=1e-4)


def test_that_a_stop_answers_for_the_pictures_done(world: LinearWorld) -> None:
    slices = importance_sampled(world.vae, world.images(40), samples=500)
    shares = [next(slices) for _ in range(6)]
    assert shares == sorted(shares)
    with pytest.raises(StopIteration) as end:
        slices.send(True)
    (found,) = end.value.value
    assert 0 < found.images < 40
    whole = sampled(world, 40, 500)
    assert np.allclose(found.nll_NM, whole.nll_NM[: found.images], atol=1e-4)


def test_that_the_effective_samples_of_equal_weights_are_all_and_of_one_giant_one() -> None:
    equal, giant = torch.zeros(50, 1), torch.tensor([100.0] + [0.0] * 49)[:, None]
    assert effective_samples(equal).item() == pytest.approx(50)
    assert effective_samples(giant).item() == pytest.approx(1)


def test_that_nested_readings_are_the_formula() -> None:
    log_w = torch.randn(20, 3, dtype=torch.float64)
    by_hand = torch.stack([
        -torch.stack([part.exp().mean(0).log() for part in log_w.split(5)]).mean(0),
        -log_w.exp().mean(0).log(),
    ], dim=1)  # fmt: skip
    assert torch.allclose(nested_nll(log_w, (5, 20)), by_hand)


@pytest.mark.parametrize(
    ("samples", "sizes"),
    [(1, (1,)), (7, (1, 7)), (250, (1, 10, 250)), (5000, (1, 10, 100, 1000, 5000))],
)
def test_that_readings_nest(samples: int, sizes: tuple[int, ...]) -> None:
    assert reading_sizes(samples) == sizes


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
def test_that_it_works_for_every_likelihood_a_learnt_prior_and_labels(name: str) -> None:
    model = ModelConfig(
        net="mlp", latent_dim=4, options={"width": 24}, likelihood=name, prior="mixture"
    )
    vae = build.build_vae(model, (1, 8, 8), seed=0, condition=3)
    pictures = np.random.default_rng(0).integers(0, 256, (5, 1, 8, 8), dtype=np.uint8)
    images = ImageSet(pictures, np.array([0, 1, 2, 0, 1]))
    (found,) = finish(importance_sampled(vae, images, samples=30))
    assert np.isfinite(found.nll_NM).all()
    assert (np.diff(found.nll_NM, axis=1) <= 1e-6).all()


def test_that_exact_codes_have_no_density(world: LinearWorld) -> None:
    world.vae.exact = True
    with pytest.raises(ValueError, match="exact codes"):
        sampled(world, 1, 10)


def test_that_a_fitted_prior_keeps_the_bound(world: LinearWorld) -> None:
    """A wrong prior costs; one fitted to the codes wins it back and stays above the exact NLL of
    its own model, which more samples show.
    """
    wide = world.vae
    wide.prior = new_prior("mixture", wide.units, {"components": 1}, seed=0)  # somewhere, wrong
    images = world.images(600)
    before: Measured = finish(measure(wide, images))
    splits = SimpleNamespace(train=world.images(3000, seed=2), validation=world.images(500, seed=3))
    fit: Fit = finish(fit_prior(wide, splits, "mixture", {"components": 4}))  # type: ignore[arg-type]
    wide.prior = fit.prior  # type: ignore[assignment]
    after: Measured = finish(measure(wide, images))
    assert after.rate < before.rate - 0.3
    assert after.distortion == before.distortion
    exact = world.exact_nll(images).mean()
    assert after.nelbo > exact - TOLERANCE  # the true prior is N(0, I): none can be better
    assert after.nelbo < exact + 0.2
    (sampled_nll,) = finish(importance_sampled(wide, images.slice(0, 100), samples=1000))
    paired = world.exact_nll(images.slice(0, 100)).mean()
    assert paired - TOLERANCE < sampled_nll.nll_M[-1] < sampled_nll.nll_M[0] + 1e-9
