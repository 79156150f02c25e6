"""The mistakes of public code (each with a broken variant that these checks catch)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from engine import toys
from engine.slow_reference import Slow, log_weight, mi_and_tc, stratified, striding_b

from vae_studio.data.image_set import ImageSet
from vae_studio.engine import build
from vae_studio.engine.measure import measure
from vae_studio.engine.objective import Setting
from vae_studio.engine.objectives._stratified import aggregate_log_probs, stratified_log_weights
from vae_studio.engine.objectives.info_vae import squared_mmd
from vae_studio.engine.vae import Posterior

AT = Setting(beta=1.0)
NATS = 0.01


@pytest.fixture
def _float64():
    with toys.double():
        yield


# -- a, h: means are over all pictures, sums over pixels and units --------------------------------


def _measured(vae, images: np.ndarray, size: int):
    slices = measure(vae, ImageSet(images), slice_size=size)
    while True:
        try:
            next(slices)
        except StopIteration as done:
            return done.value


def test_that_an_evaluation_weighs_every_picture_alike(small_config) -> None:
    """Public code returned inside the loop (first batch / number of batches), or gave the last,
    smaller batch the weight of a full one."""
    vae = build.build_vae(small_config().model, (1, 8, 8), seed=0)
    dark, light = np.zeros((60, 1, 8, 8), np.uint8), np.full((10, 1, 8, 8), 255, np.uint8)
    images = np.concatenate([dark, light])
    parts = [_measured(vae, part, 100) for part in (images[:40], images[40:])]
    whole = _measured(vae, images, 40)
    assert whole.rate == pytest.approx((40 * parts[0].rate + 30 * parts[1].rate) / 70, rel=1e-6)
    assert whole.rate != pytest.approx(parts[0].rate / 2, rel=0.01)  # returned too early
    assert whole.rate != pytest.approx((parts[0].rate + parts[1].rate) / 2, rel=1e-3)


BROKEN_RATES = {
    "mean over units": lambda mu, lv: (mu**2 + lv.exp() - lv - 1).mean() / 2,
    "sum over the batch": lambda mu, lv: (mu**2 + lv.exp() - lv - 1).sum() / 2,
    "no half": lambda mu, lv: (mu**2 + lv.exp() - lv - 1).sum(1).mean(),
    "logvar taken for ln σ": lambda mu, lv: (mu**2 + (2 * lv).exp() - 2 * lv - 1).sum(1).mean() / 2,
}


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("wrong", BROKEN_RATES.values(), ids=BROKEN_RATES)
def test_that_the_rate_is_summed_over_units_and_averaged_over_pictures(wrong) -> None:
    toy, x = toys.make_toy(), torch.rand(4, *toys.SHAPE)
    terms = toys.make_objective("elbo")(toy, x, AT, torch.Generator())
    posterior = toy.posterior(x)
    right = 0.5 * (posterior.mean_BD**2 + posterior.logvar_BD.exp() - posterior.logvar_BD - 1)
    assert torch.allclose(terms.rate, right.sum() / 4)
    assert not torch.allclose(terms.rate, wrong(posterior.mean_BD, posterior.logvar_BD), rtol=0.01)


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("name", ["elbo", "capacity", "free-bits", "dip-vae-i", "dip-vae-ii"])
def test_that_showing_every_picture_twice_changes_no_term(name: str) -> None:
    """A sum over the batch, or a missing 1/B, would double it. (Estimators of q(z) do depend on
    the batch.) The temperature is zero so that both copies have the same code."""
    toy, x = toys.make_toy(), torch.rand(4, *toys.SHAPE)
    objective = toys.make_objective(name)
    at = Setting(beta=1.0, temperature=0.0)
    once = objective(toy, x, at, torch.Generator().manual_seed(0))
    twice = objective(toy, torch.cat([x, x]), at, torch.Generator().manual_seed(0))
    for one, two in ((once.loss, twice.loss), (once.distortion, twice.distortion)):
        assert one.item() == pytest.approx(two.item(), abs=1e-4)


# -- b, c: the weights of the aggregate posterior -------------------------------------------------


def _proper(weights: np.ndarray, batch: int, images: int) -> bool:
    """Rows sum to 1; the own picture counts 1/N, exactly one other (N − M)/(N·M)."""
    others = batch - 1
    for i, row in enumerate(weights):
        special = np.isclose(np.delete(row, i), (images - others) / (images * others), rtol=1e-9)
        if not (math.isclose(row.sum(), 1.0, abs_tol=1e-9) and math.isclose(row[i], 1 / images)):
            return False
        if special.sum() != 1:
            return False
    return True


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize(("batch", "images"), [(2, 9), (5, 50), (128, 60_000)])
def test_that_the_weights_of_a_row_sum_to_one_with_the_own_picture_on_the_diagonal(
    batch: int, images: int
) -> None:
    found = stratified_log_weights(batch, images, device=torch.device("cpu")).exp().numpy()
    assert _proper(found, batch, images)
    assert np.allclose(found, stratified(batch, images))
    assert not _proper(striding_b(batch, images), batch, images)
    assert not _proper(np.full((batch, batch), 1 / batch), batch, images)


def _independent(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """μ ~ N(0, 0.7) and σ² = 0.3 per unit: q(z) = N(0, I), TC = 0, MI = −½ · 10 · ln 0.3 = 6.02."""
    dice = np.random.default_rng(seed)
    mean = dice.standard_normal((128, 10)) * math.sqrt(0.7)
    variance = np.full_like(mean, 0.3)
    return mean, variance, mean + math.sqrt(0.3) * dice.standard_normal(mean.shape)


def _ours(mean: np.ndarray, variance: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    posterior = Posterior(torch.from_numpy(mean), torch.from_numpy(np.log(variance)))
    joint, units = aggregate_log_probs(posterior, torch.from_numpy(z), 60_000)
    own = posterior.log_prob(torch.from_numpy(z))
    return float((own - joint).mean()), float((joint - units.sum(1)).mean())


N, B = 60_000, 128
ESTIMATORS = {
    # name: (estimate of a batch, MI, TC)
    "ours": (_ours, 7.1, -1.0),
    "plain mean": (lambda *q: mi_and_tc(*q, np.full((B, B), 1 / B)), 4.3, 1.6),
    "weighted (MWS)": (lambda *q: mi_and_tc(*q, np.full((B, B), 1 / (N * B))), 15.3, 100.7),
    "column bug": (lambda *q: mi_and_tc(*q, striding_b(B, N)), 4.3, 1.6),
    "weight per unit": (
        lambda *q: mi_and_tc(*q, striding_b(B, N), per_dimension=True), 47.9, -42.0,
    ),
}  # fmt: skip


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_that_estimators_read_what_they_are_known_to_read_on_independent_units(name: str) -> None:
    estimate, mi, tc = ESTIMATORS[name]
    found = np.mean([estimate(*_independent(seed)) for seed in range(12)], axis=0)
    assert found[0] == pytest.approx(mi, abs=0.4)
    assert found[1] == pytest.approx(tc, abs=0.4)


# -- i: saturation --------------------------------------------------------------------------------


@pytest.mark.usefixtures("_float64")
def test_that_mi_out_of_a_batch_saturates_and_never_passes_log_n() -> None:
    """Codes that tell 35 nats: a batch of 128 can see log 128 = 4.9, its weights log N = 11."""
    mean, variance, z = _independent(0)
    sharp = mean, variance * 1e-3, mean + (z - mean) * math.sqrt(1e-3)
    assert _ours(*sharp)[0] == pytest.approx(math.log(N), abs=0.1)
    assert mi_and_tc(*sharp, np.full((B, B), 1 / B))[0] == pytest.approx(math.log(B), abs=0.01)
    broken, _ = mi_and_tc(*sharp, stratified(B, N), per_dimension=True)
    assert broken > math.log(N)  # impossible: 10 · log N


# -- d: IWAE and DIP ------------------------------------------------------------------------------


def _slow(toy: toys.Toy, x: torch.Tensor, samples: int) -> Slow:
    generator = torch.Generator().manual_seed(2)
    noise = torch.randn(samples * len(x), toys.UNITS, generator=generator)
    return Slow(toy, x, noise.view(samples, len(x), toys.UNITS), noise)


@pytest.mark.usefixtures("_float64")
def test_that_better_samples_weigh_more_and_the_kl_is_sampled() -> None:
    toy, x = toys.make_toy(), torch.rand(1, *toys.SHAPE)
    toy.decoder[0].weight.data *= 4
    objective = toys.make_objective("iwae", samples=3, dreg=False)
    bias = toy.decoder[0].bias
    loss = objective(toy, x, AT, torch.Generator().manual_seed(2)).loss
    (found,) = torch.autograd.grad(loss, bias)
    slow = _slow(toy, x, 3)
    logs = torch.stack([log_weight(slow, 0, k) for k in range(3)]).detach()
    pulls = torch.stack(
        [torch.autograd.grad(slow.nll(0, slow.code(0, k)), bias)[0] for k in range(3)]
    )
    assert torch.allclose(found, (logs.softmax(0)[:, None] * pulls).sum(0))
    turned_round = ((-logs).softmax(0)[:, None] * pulls).sum(0)
    assert not torch.allclose(found, turned_round, rtol=0.05)
    analytic = torch.stack([-slow.nll(0, slow.code(0, k)) - slow.kl(0) for k in range(3)])
    assert abs(loss - (math.log(3) - analytic.logsumexp(0))) > NATS  # one KL for all samples
    assert abs(loss - slow.over_batch(lambda i: -logs.mean())) > NATS  # the mean of the logs


@pytest.mark.usefixtures("_float64")
def test_that_dip_centres_over_the_batch_and_divides_by_it() -> None:
    toy, x = toys.make_toy(), torch.rand(8, *toys.SHAPE)
    posterior = toy.posterior(x)
    mean, logvar = posterior.mean_BD, posterior.logvar_BD
    first, second = (toys.make_objective(f"dip-vae-{number}") for number in ("i", "ii"))
    right = torch.cov(mean.T, correction=0)
    assert torch.allclose(first.covariance(posterior), right)
    assert torch.allclose(second.covariance(posterior), right + torch.diag(logvar.exp().mean(0)))
    over_units = mean - mean.mean(1, keepdim=True)
    for wrong in (over_units.T @ over_units / len(x), right * len(x)):
        assert not torch.allclose(first.covariance(posterior), wrong, rtol=0.05)
    doubled = right + torch.diag((2 * logvar).exp().mean(0))  # exp(2 logvar)
    assert not torch.allclose(second.covariance(posterior), doubled, rtol=0.05)


# -- the other estimators and maxima --------------------------------------------------------------


@pytest.mark.usefixtures("_float64")
@pytest.mark.parametrize("kernel", ["imq", "rbf"])
def test_that_mmd_is_unbiased_and_sees_codes_that_left_the_prior(kernel: str) -> None:
    generator = torch.Generator().manual_seed(0)

    def draws(scale: float = 1.0) -> torch.Tensor:
        return torch.randn(32, 4, generator=generator) * scale

    same = torch.stack([squared_mmd(draws(), draws(), kernel) for _ in range(400)])
    error = same.std() / math.sqrt(len(same))
    assert abs(same.mean()) < 4 * error
    assert 0.2 < (same < 0).double().mean() < 0.8
    with_diagonals = same.mean() + 2 * (7.0 if kernel == "imq" else 1.0) / 32 * 0.5
    assert with_diagonals > 4 * error  # the biased estimator would be caught
    narrow = torch.stack([squared_mmd(draws(0.3), draws(), kernel) for _ in range(20)])
    assert narrow.mean() > 20 * error


@pytest.mark.usefixtures("_float64")
def test_that_free_bits_average_inside_the_maximum_and_report_the_true_rate() -> None:
    toy, x = toys.make_toy(), torch.rand(6, *toys.SHAPE)
    posterior = toy.posterior(x)
    kl_BD = 0.5 * (posterior.mean_BD**2 + posterior.logvar_BD.exp() - posterior.logvar_BD - 1)
    nats = kl_BD.mean().item()  # above some units and below others, picture by picture as well
    terms = toys.make_objective("free-bits", nats=nats)(toy, x, AT, torch.Generator())
    charged = terms.extra["charged KL"]
    assert torch.allclose(charged, kl_BD.mean(0).clamp_min(nats).sum())
    assert charged < kl_BD.clamp_min(nats).mean(0).sum() - NATS  # the maximum of each picture
    assert torch.allclose(terms.rate, kl_BD.sum(1).mean())
    assert terms.rate < charged
