"""Questions to a model."""

from __future__ import annotations

import numpy as np
import torch

from vae_studio.data.image_set import ImageSet
from vae_studio.engine import build
from vae_studio.engine.measure import measure
from vae_studio.engine.probe import Probe, noise_codes
from vae_studio.engine.terms import gaussian_kl


def _vae(small_config, likelihood: str = "bernoulli-grey"):
    return build.build_vae(
        small_config({"model.likelihood": likelihood}).model, (1, 28, 28), seed=3
    )


def test_that_a_larger_grid_keeps_the_samples_of_a_smaller_one() -> None:
    assert np.array_equal(noise_codes(9, 5, seed=1), noise_codes(30, 5, seed=1)[:9])
    assert not np.array_equal(noise_codes(9, 5, seed=1), noise_codes(9, 5, seed=2))


def test_that_noise_codes_are_standard_normal() -> None:
    codes = noise_codes(20_000, 3, seed=0)
    assert np.allclose(codes.mean(0), 0, atol=0.03)
    assert np.allclose(codes.std(0), 1, atol=0.03)


def test_that_temperature_scales_the_codes(small_config) -> None:
    probe = Probe(_vae(small_config))
    _, warm = probe.sample(4, seed=0, temperature=1.0)
    pictures, cold = probe.sample(4, seed=0, temperature=0.0)
    assert np.allclose(cold, 0)
    assert np.abs(warm).max() > 0
    assert (pictures == pictures[0]).all()


def test_that_pictures_come_back_as_bytes_of_the_right_shape(small_config) -> None:
    probe = Probe(_vae(small_config))
    pictures = probe.decode(noise_codes(3, 4, seed=0))
    assert pictures.shape == (3, 28, 28, 1)
    assert pictures.dtype == np.uint8
    assert probe.decode(np.empty((0, 4), np.float32)).shape == (0, 28, 28, 1)


def test_that_slicing_a_measurement_changes_nothing_but_the_draws(
    small_config, tiny_splits
) -> None:
    """R is analytic, so it must not depend on the slices at all; D is within its noise."""

    def measured(size: int):
        slices = measure(_vae(small_config), tiny_splits.test, slice_size=size)
        while True:
            try:
                next(slices)
            except StopIteration as done:
                return done.value

    one, many = measured(128), measured(19)
    assert np.isclose(one.rate, many.rate, rtol=1e-6)
    assert np.isclose(one.distortion, many.distortion, rtol=0.02)
    assert one.images == many.images == 128  # also the last, smaller slice counts by its pictures


def test_that_the_measured_rate_is_the_formula(small_config, tiny_splits) -> None:
    vae = _vae(small_config)
    images = tiny_splits.test.images_NCHW[:40]
    slices = measure(vae, ImageSet(images))
    try:
        while True:
            next(slices)
    except StopIteration as done:
        measured = done.value
    with torch.no_grad():
        posterior = vae.posterior(torch.from_numpy(images).float() / 255)
        by_hand = gaussian_kl(posterior.mean_BD, posterior.logvar_BD).mean(0)
    assert np.allclose(measured.units.kl_D, by_hand.numpy(), rtol=1e-4)
    assert np.allclose(measured.units.mean_variance_D, posterior.mean_BD.var(0, correction=0))
