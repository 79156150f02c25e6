"""I, TC and the marginal KL on Gaussians, where all of them are known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from vae_studio.engine import catalog
from vae_studio.engine.fit_prior import new_prior
from vae_studio.engine.terms import gaussian_kl
from vae_studio.engine.vae import Posterior
from vae_studio.evaluation.information import Information, information
from vae_studio.evaluation.slices import finish

UNITS, VARIANCE = 10, 0.3
TRUE_MUTUAL = 0.5 * UNITS * math.log(1 / VARIANCE)  # 6.02 nats: z is N(0, I) in total


def posteriors(count: int, *, correlation: float = 0.0, scale: float = 1.0) -> Posterior:
    """q(z|x) = N(μ, 0.3) with μ such that q(z) is normal; the first two units may correlate."""
    generator = torch.Generator().manual_seed(1)
    mean_ND = torch.randn(count, UNITS, generator=generator)
    if correlation:
        share = math.sqrt(1 - correlation**2)
        mean_ND[:, 1] = correlation * mean_ND[:, 0] + share * mean_ND[:, 1]
    mean_ND *= scale * math.sqrt(1 - VARIANCE)
    return Posterior(mean_ND, torch.full((count, UNITS), math.log(VARIANCE)))


def normal():
    return catalog.load(catalog.priors()["normal"], "Prior")(UNITS, {})


def measured(q: Posterior, **more) -> Information:
    return finish(information(q, normal(), population=60_000, points=600, **more))


def test_that_independent_units_have_their_known_information_and_no_correlation() -> None:
    found = measured(posteriors(4_000))
    assert found.mutual.value == pytest.approx(TRUE_MUTUAL, abs=0.3)
    assert found.total_correlation.value == pytest.approx(0.0, abs=0.2)
    assert found.by_unit is not None
    assert found.by_unit.value == pytest.approx(0.0, abs=0.02)
    assert not found.saturated


def test_that_correlated_units_have_the_total_correlation_of_the_formula() -> None:
    true_correlation = 0.9 * (1 - VARIANCE)  # the noise of the posteriors dilutes it
    wanted = -0.5 * math.log(1 - true_correlation**2)
    found = measured(posteriors(4_000, correlation=0.9))
    assert wanted > 0.25
    independent = measured(posteriors(4_000))
    gained = found.total_correlation.value - independent.total_correlation.value
    assert gained == pytest.approx(wanted, abs=0.1)  # of which both have the same bias


def test_that_codes_off_the_prior_show_in_the_units() -> None:
    found = measured(posteriors(4_000, scale=2.0))
    variance = 4 * (1 - VARIANCE) + VARIANCE
    wanted = UNITS * 0.5 * (variance - math.log(variance) - 1)
    assert found.by_unit is not None
    assert found.by_unit.value == pytest.approx(wanted, rel=0.1)


def test_that_information_and_marginal_kl_add_up_to_the_rate() -> None:
    q = posteriors(4_000, correlation=0.9, scale=1.5)
    found = measured(q)
    rate = gaussian_kl(q.mean_BD, q.logvar_BD).sum(1)[:600].mean().item()
    error = found.mutual.error + found.marginal.error
    assert found.rate == pytest.approx(rate, abs=4 * error)
    assert found.by_unit is not None
    parts = found.by_unit.value + found.total_correlation.value
    assert parts == pytest.approx(found.marginal.value, abs=1e-6)


def test_that_few_references_are_called_saturated() -> None:
    found = measured(posteriors(128))
    assert found.saturated
    assert found.total_correlation.value < -0.5  # SCIENCE: −1.0 with 128, and wrong


def test_that_more_than_the_pictures_could_tell_is_never_estimated_from_all_of_them() -> None:
    sharp = Posterior(posteriors(200).mean_BD, torch.full((200, UNITS), -8.0))
    found = finish(information(sharp, normal()))
    assert found.mutual.value == pytest.approx(math.log(200), abs=1e-3)
    assert found.saturated


def broken(q: Posterior, *, per_unit_weight: bool, count: int = 600) -> float:
    """I with the weight of stratified sampling left out, or added for every unit, as public code
    does (SCIENCE 3.3 b and c).
    """
    generator = torch.Generator().manual_seed(0)
    own = Posterior(q.mean_BD[:count], q.logvar_BD[:count])
    z_MD = own.sample(torch.randn(count, UNITS, generator=generator))

    def pairs(population: int) -> Tensor:
        white = (z_MD[:, None] - q.mean_BD) * (-0.5 * q.logvar_BD).exp()
        log_q = -0.5 * (white.square() + q.logvar_BD + math.log(2 * math.pi))
        return log_q - math.log(population) if per_unit_weight else log_q

    joint = pairs(60_000).sum(2).logsumexp(1)
    if not per_unit_weight:
        joint = joint - math.log(len(q.mean_BD))
    return float((own.log_prob(z_MD) - joint).mean())


def test_that_the_known_ways_to_get_it_wrong_would_be_seen() -> None:
    q = posteriors(1_000)
    right = finish(information(q, normal(), population=60_000, points=600)).mutual.value
    assert abs(right - TRUE_MUTUAL) < 0.5
    assert broken(q, per_unit_weight=True) > math.log(60_000)  # more than there are pictures
    assert broken(q, per_unit_weight=False) < TRUE_MUTUAL - 0.6  # the plain batch mean


def test_that_a_learnt_prior_is_not_split_into_units() -> None:
    flow = new_prior("realnvp", UNITS, {}, seed=0)
    found = finish(information(posteriors(500), flow, points=100))
    same = finish(information(posteriors(500), normal(), points=100))
    assert found.by_unit is None
    assert found.marginal.value == pytest.approx(same.marginal.value, abs=1e-4)
