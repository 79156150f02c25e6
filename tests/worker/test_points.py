"""The units as read off the points on the map."""

from __future__ import annotations

import numpy as np
import torch

from vae_studio.domain.reports import CodesEncoded
from vae_studio.engine.terms import gaussian_kl
from vae_studio.worker.points import units_of


def test_that_the_units_are_those_of_the_engines_formula() -> None:
    dice = np.random.default_rng(0)
    mean = dice.standard_normal((50, 3)).astype(np.float32)
    sigma = dice.uniform(0.05, 1.5, (50, 3)).astype(np.float32)
    units = units_of(CodesEncoded(mean, sigma, None, step=7))
    logvar = 2 * torch.from_numpy(sigma).log()
    exact = gaussian_kl(torch.from_numpy(mean), logvar).mean(0).numpy()
    assert np.allclose(units.kl_D, exact, rtol=1e-4)
    assert np.allclose(units.mean_variance_D, mean.var(0), rtol=1e-4)
    assert (units.step, units.images) == (7, 50)
