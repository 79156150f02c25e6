"""IWAE against the exact log p(x) of a linear-Gaussian model, and DReG against its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from engine import toys

from vae_studio.engine.cost import micro_batches
from vae_studio.engine.objective import Setting
from vae_studio.engine.trainer import Trainer

AT = Setting(beta=1.0)
X = 1.2
ROWS = 20_000


@pytest.fixture(autouse=True)
def _float64():
    with toys.double():
        yield


def _terms(samples: int, *, mean=0.2, variance=0.6, rows=ROWS, dreg=True, seed=4):
    model = toys.LinearGaussian(mean, variance, rows)
    objective = toys.make_objective("iwae", samples=samples, dreg=dreg)
    x = torch.full((rows, 1, 1, 1), X)
    return model, objective(model, x, AT, torch.Generator().manual_seed(seed))


def _gradients(samples: int, *, dreg: bool, **where) -> np.ndarray:
    """∂loss/∂(m, ln v) of every picture, (rows, 2)."""
    model, terms = _terms(samples, dreg=dreg, **where)
    both = torch.autograd.grad(terms.loss, [model.mean_BD, model.logvar_BD])
    return torch.cat(both, 1).numpy() * len(model.mean_BD)


def test_that_the_bound_tightens_with_k_towards_the_exact_surprise() -> None:
    surprise, *_ = toys.LinearGaussian(0.0, 1.0, 1).exact(X)
    bounds = [_terms(k, rows=4000)[1].loss.item() for k in (1, 2, 5, 20, 100)]
    assert bounds == sorted(bounds, reverse=True)
    assert min(np.diff(bounds[:4])) < -0.005
    assert bounds[0] > surprise + 0.1
    assert bounds[-1] == pytest.approx(surprise, abs=0.01)


def test_that_at_the_exact_posterior_every_sample_knows_log_p() -> None:
    surprise, mean, variance = toys.LinearGaussian(0.0, 1.0, 1).exact(X)
    for samples in (1, 7):
        _, terms = _terms(samples, mean=mean, variance=variance, rows=5)
        assert terms.loss.item() == pytest.approx(surprise, abs=1e-12)
        assert (terms.distortion + terms.rate).item() == pytest.approx(surprise, abs=1.0)


def test_that_d_and_r_stay_those_of_the_elbo_at_any_k() -> None:
    one, many = (_terms(samples)[1] for samples in (1, 20))
    assert many.rate.item() == one.rate.item()
    assert many.distortion.item() == pytest.approx(one.distortion.item(), abs=0.05)
    assert many.loss < (many.distortion + many.rate) - 0.1


def _by_hand(samples: int, mean: float, variance: float, rows: int, seed: int) -> np.ndarray:
    """Tucker 2018, with the derivatives of two Gaussians written out."""
    a, s = toys.LinearGaussian.a, toys.LinearGaussian.s
    drawn = torch.randn(samples * rows, 1, generator=torch.Generator().manual_seed(seed))
    noise = drawn.view(samples, rows).numpy()
    z = mean + math.sqrt(variance) * noise
    log_w = (
        -((X - a * z) ** 2) / (2 * s**2) - z**2 / 2 + (z - mean) ** 2 / (2 * variance)
    )  # constants drop out of the weights
    weights = np.exp(log_w - log_w.max(0))
    weights /= weights.sum(0)
    pull = a * (X - a * z) / s**2 - z + (z - mean) / variance  # ∂log w/∂z at fixed m and v
    by_mean = -(weights**2 * pull).sum(0)
    by_logvar = -(weights**2 * pull * 0.5 * math.sqrt(variance) * noise).sum(0)
    return np.stack([by_mean, by_logvar], axis=1)


@pytest.mark.parametrize("samples", [1, 2, 6])
def test_that_dreg_is_the_formula_derived_by_hand(samples: int) -> None:
    wanted = _by_hand(samples, 0.2, 0.6, rows=50, seed=4)
    found = _gradients(samples, dreg=True, rows=50)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
    if samples > 1:  # at K = 1 all weights are 1
        assert not np.allclose(_gradients(samples, dreg=False, rows=50), wanted, rtol=0.1)


@pytest.mark.parametrize("samples", [2, 8])
def test_that_dreg_has_the_same_mean_and_less_spread(samples: int) -> None:
    plain, doubly = (_gradients(samples, dreg=dreg) for dreg in (False, True))
    error = np.sqrt((plain.var(0) + doubly.var(0)) / ROWS)
    assert (np.abs(plain.mean(0) - doubly.mean(0)) < 4 * error).all()
    assert (doubly.var(0) < 0.7 * plain.var(0)).all()


def test_that_a_hook_left_out_would_bias_the_encoder() -> None:
    """Detached log q without the second weight is neither the one gradient nor the other."""
    model = toys.LinearGaussian(0.2, 0.6, ROWS)
    noise = torch.randn(8 * ROWS, 1, generator=torch.Generator().manual_seed(4))
    mean, logvar = model.mean_BD.repeat(8, 1), model.logvar_BD.repeat(8, 1)
    z = mean + (0.5 * logvar).exp() * noise
    log_q = -0.5 * ((z - mean.detach()) ** 2 * (-logvar.detach()).exp()).sum(1)
    nll = model.nll(model.decode(z), torch.full((8 * ROWS, 1, 1, 1), X))
    log_w = (model.prior.log_prob(z) - log_q - nll).view(8, ROWS)
    (broken,) = torch.autograd.grad(-log_w.logsumexp(0).sum(), model.mean_BD)
    right = _gradients(8, dreg=False)[:, 0]
    error = math.sqrt((broken.var().item() + right.var()) / ROWS)
    assert abs(broken.mean().item() - right.mean()) > 10 * error


def test_that_at_the_exact_posterior_dreg_has_no_noise_and_plain_iwae_has() -> None:
    _, mean, variance = toys.LinearGaussian(0.0, 1.0, 1).exact(X)
    where = {"mean": mean, "variance": variance, "rows": 200}
    assert np.abs(_gradients(5, dreg=True, **where)).max() < 1e-12
    assert _gradients(5, dreg=False, **where).std() > 0.1


def test_that_many_samples_are_trained_in_more_parts(small_config, tiny_splits) -> None:
    """So that a pointer request waits no longer; the encoder's work does not grow with K."""
    torch.set_default_dtype(torch.float32)
    config = small_config({"objective.objective": "iwae", "objective.options.samples": 7})
    vae = Trainer(config, tiny_splits).vae
    encoder, decoder = 784 * 24 + 24 * 8, 4 * 24 + 24 * 784
    flops = 6 * (encoder + 7 * decoder) * 1_000_000
    assert micro_batches(vae, 1_000_000, codes=7) == -(-flops // int(5e9))
    wide = small_config({
        "objective.objective": "iwae", "objective.options.samples": 400,
        "model.options.width": 60, "train.epochs": 1,
    })  # fmt: skip
    trainer = Trainer(wide, tiny_splits)
    assert trainer.resolved.micro_batches > 1
    events = trainer.run()
    breaths = 0
    while trainer.step < 1:
        breaths += next(events) is None
    assert breaths == trainer.resolved.micro_batches


def test_that_the_temperature_does_not_touch_the_weights() -> None:
    model = toys.LinearGaussian(0.2, 0.6, 10)
    objective = toys.make_objective("iwae")
    x = torch.full((10, 1, 1, 1), X)
    cold, warm = (
        objective(model, x, Setting(beta=1.0, temperature=t), torch.Generator().manual_seed(0)).loss
        for t in (0.1, 1.0)
    )
    assert cold == warm


def test_that_many_samples_may_begin_late_in_the_run() -> None:
    model = toys.LinearGaussian(0.2, 0.6, 2000)
    late = toys.make_objective("iwae", samples=20, start=0.5)
    always = toys.make_objective("iwae", samples=20)
    x = torch.full((2000, 1, 1, 1), X)

    def loss(objective, step: int) -> float:
        at = Setting(beta=1.0, step=step, total_steps=100)
        return objective(model, x, at, torch.Generator().manual_seed(4)).loss.item()

    assert loss(late, 50) == loss(always, 50)
    assert loss(late, 49) > loss(always, 49) + 0.05
