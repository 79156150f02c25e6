"""Every objective and its gradient against a slow reference written from the formula."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import pytest
import torch
from engine import toys
from engine.slow_reference import REFERENCES, Normalised, Slow, log_weight

from vae_studio.domain.errors import StudioError
from vae_studio.engine import build, catalog
from vae_studio.engine.objective import Setting

AT = Setting(beta=2.5, capacity=1.2, images=50, step=7, total_steps=30)
SEED = 11

CASES = [
    ("beta-vae", {}), ("elbo", {}), ("capacity", {"gamma": 30.0}), ("capacity", {"gamma": 0.5}),
    ("beta-tcvae", {"alpha": 0.7, "gamma": 1.3}), ("factor-vae", {"gamma": 6.4, "width": 8}),
    ("dip-vae-i", {"od": 3.0, "d": 30.0}), ("dip-vae-ii", {"od": 3.0, "d": 2.0}),
    ("info-vae", {"alpha": 0.3, "weight": 20.0}),
    ("info-vae", {"kernel": "rbf", "alpha": -1.0}),
    ("iwae", {"samples": 4, "dreg": False}), ("iwae", {"samples": 1, "dreg": False}),
    ("free-bits", {"nats": 0.6}), ("free-bits", {"nats": 0.0}),
    ("control-vae", {"target": 3.0}), ("bn-vae", {"gain": 0.5}),
]  # fmt: skip
ANY_PRIOR = ("beta-vae", "capacity", "info-vae", "iwae", "control-vae", "factor-vae")
EXACT = ("beta-vae", "elbo", "factor-vae", "dip-vae-i", "dip-vae-ii", "info-vae")


@pytest.fixture(autouse=True)
def _float64():
    with toys.double():
        yield


def _pictures():
    return torch.rand(toys.BATCH, *toys.SHAPE, generator=torch.Generator().manual_seed(1))


def _made(name: str, toy: toys.Toy, options: dict):
    objective = toys.make_objective(name, **options)
    objective.adapt(toy)
    objective.prepare(toy, seed=5)
    return objective


def _noise(samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(SEED)
    first = torch.randn(samples * toys.BATCH, toys.UNITS, generator=generator)
    second = torch.randn(toys.BATCH, toys.UNITS, generator=generator)
    return first.view(samples, toys.BATCH, toys.UNITS), second


def _both(name: str, toy: toys.Toy, options: dict):
    """The terms of the objective, the answer of the reference, and the gradients of both."""
    objective = _made(name, toy, options)
    x = _pictures()
    terms = objective(toy, x, AT, torch.Generator().manual_seed(SEED))
    options = dict(objective.options)
    slow = (Normalised if name == "bn-vae" else Slow)(toy, x, *_noise(options.get("samples", 1)))
    extra = (objective,) if name in ("factor-vae", "control-vae") else ()
    answer = REFERENCES[name](slow, options, AT, *extra)
    answer = {"distortion": slow.distortion(), "rate": slow.rate(), **answer}
    parameters = list(toy.parameters())
    found, wanted = (
        torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        for loss in (terms.loss, answer["loss"])
    )
    return terms, answer, found, wanted


def _assert_equal(name: str, toy: toys.Toy, options: dict) -> None:
    terms, answer, found, wanted = _both(name, toy, options)
    told = {"loss": terms.loss, "distortion": terms.distortion, "rate": terms.rate, **terms.extra}
    told.pop("discriminator", None)  # a fact of the step before
    assert set(told) == set(answer)
    for term, value in told.items():
        assert value.dtype == torch.float64
        assert value.item() == pytest.approx(answer[term].item(), rel=1e-9, abs=1e-12), term
    for ours, reference in zip(found, wanted, strict=True):
        assert torch.allclose(ours, reference, rtol=1e-7, atol=1e-10)
    assert any(gradient.abs().max() > 1e-3 for gradient in found)


def test_that_every_objective_has_a_reference_and_a_case() -> None:
    names = set(catalog.objectives())
    assert set(REFERENCES) == names
    assert {name for name, _ in CASES} == names


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_that_value_and_gradient_are_those_of_the_formula(name: str, options: dict) -> None:
    _assert_equal(name, toys.make_toy(), options)


@pytest.mark.parametrize("name", ANY_PRIOR)
def test_that_they_hold_under_a_learnt_prior(name: str) -> None:
    options = {"width": 8} if name == "factor-vae" else {}
    options |= {"samples": 3, "dreg": False} if name == "iwae" else {}
    _assert_equal(name, toys.make_toy(toys.Shifted(toys.UNITS)), options)


@pytest.mark.parametrize("name", EXACT)
def test_that_they_hold_for_exact_codes(name: str) -> None:
    options = {"width": 8} if name == "factor-vae" else {}
    toy = toys.make_toy(exact=True)
    _assert_equal(name, toy, options)
    terms = _made(name, toy, options)(toy, _pictures(), AT, torch.Generator())
    assert terms.rate == 0.0


def test_that_dreg_keeps_the_value_and_weighs_the_encoders_path_twice() -> None:
    """The decoder learns with w̃, the encoder with w̃² and through z alone; loops over samples."""
    toy = toys.make_toy()
    options = {"samples": 4, "dreg": True}
    terms, answer, found, plain = _both("iwae", toy, options)
    assert terms.loss.item() == pytest.approx(answer["loss"].item(), rel=1e-12)
    slow = Slow(toy, _pictures(), *_noise(4))
    encoder = list(toy.encoder.parameters())
    wanted = [torch.zeros_like(parameter) for parameter in encoder]
    for i in range(toys.BATCH):
        logs = torch.stack([log_weight(slow, i, k) for k in range(4)]).detach()
        for k, share in enumerate(logs.softmax(0)):
            code = [value.detach().requires_grad_() for value in slow.code(i, k)]
            mean, variance = (
                [read(i, d).detach() for d in range(toys.UNITS)]
                for read in (slow.mean, slow.variance)
            )
            log_q = sum(
                -((z - m) ** 2) / (2 * v) for z, m, v in zip(code, mean, variance, strict=True)
            )
            log_w = -slow.nll(i, code) + slow.log_p(code) - log_q
            pull = torch.autograd.grad(log_w, code)
            moved = sum(z * p for z, p in zip(slow.code(i, k), pull, strict=True))
            for total, part in zip(wanted, torch.autograd.grad(moved, encoder), strict=True):
                total -= share**2 * part / toys.BATCH
    for ours, by_hand in zip(found[:2], wanted, strict=True):
        assert torch.allclose(ours, by_hand, rtol=1e-7, atol=1e-10)
    for ours, reference in zip(found[2:], plain[2:], strict=True):
        assert torch.allclose(ours, reference, rtol=1e-7, atol=1e-10)
    assert not torch.allclose(found[0], plain[0], rtol=1e-2)


def test_that_dreg_trains_a_learnt_prior_as_plain_iwae_does() -> None:
    toy = toys.make_toy(toys.Shifted(toys.UNITS))
    _, _, found, plain = _both("iwae", toy, {"samples": 3, "dreg": True})
    names = [name for name, _ in toy.named_parameters()]
    for name, ours, reference in zip(names, found, plain, strict=True):
        assert torch.allclose(ours, reference, rtol=1e-7) == (not name.startswith("encoder")), name


def test_that_the_parts_of_the_kl_add_up_to_the_sampled_kl() -> None:
    toy = toys.make_toy()
    terms, *_ = _both("beta-tcvae", toy, {})
    slow = Slow(toy, _pictures(), *_noise(1))
    sampled = slow.over_batch(lambda i: slow.log_q(slow.code(i), i) - slow.log_p(slow.code(i)))
    assert sum(terms.extra.values()).item() == pytest.approx(sampled.item())


def test_that_the_units_kl_adds_up_to_the_kl() -> None:
    terms, *_ = _both("free-bits", toys.make_toy(), {"nats": 0.0})
    assert terms.extra["charged KL"].item() == pytest.approx(terms.rate.item(), rel=1e-12)


def test_that_a_batch_of_one_picture_is_trained_by_every_objective() -> None:
    """The last batch of an epoch may be that small, and has no covariance and no pairs."""
    for name in catalog.objectives():
        toy = toys.make_toy()
        objective = _made(name, toy, {"width": 8} if name == "factor-vae" else {})
        objective.before_step()
        terms = objective(toy, _pictures()[:1], AT, torch.Generator())
        terms.loss.backward()
        objective.after_step(AT)
        assert torch.isfinite(terms.loss), name
        assert all(torch.isfinite(p.grad).all() for p in toy.parameters()), name


def _build(small_config, name: str, *, standard: bool = True, exact: bool = False) -> None:
    vae = toys.make_toy(None if standard else toys.Shifted(toys.UNITS), exact=exact)
    build.build_objective(small_config({"objective.objective": name}), vae)


@pytest.mark.parametrize("name", list(catalog.objectives()))
def test_that_an_objective_written_for_n01_refuses_another_prior(name: str, small_config) -> None:
    if name in (*ANY_PRIOR, "elbo"):
        _build(small_config, name, standard=False)
        return
    with pytest.raises(StudioError, match=re.escape(f"'{name}' is written for the prior N(0, I)")):
        _build(small_config, name, standard=False)


@pytest.mark.parametrize("name", list(catalog.objectives()))
def test_that_an_objective_that_prices_the_rate_refuses_exact_codes(
    name: str, small_config
) -> None:
    if name in EXACT:
        _build(small_config, name, exact=True)
        return
    with pytest.raises(StudioError, match=re.escape("--codes sampled")):
        _build(small_config, name, exact=True)


def test_that_every_sample_of_a_conditional_model_is_told_what_its_picture_shows(
    small_config,
) -> None:
    torch.set_default_dtype(torch.float32)
    model = small_config({"model.conditional": True}).model
    vae = build.build_vae(model, (1, 6, 5), seed=0, condition=3)
    x, told = torch.rand(4, 1, 6, 5), torch.eye(3)[[0, 2, 1, 2]]
    objective = toys.make_objective("iwae", samples=3)
    terms = objective(vae.given(told), x, AT, torch.Generator().manual_seed(SEED))
    noise = torch.randn(12, vae.units, generator=torch.Generator().manual_seed(SEED)).chunk(3)
    posterior = vae.posterior(x, told)

    def log_w(noise_BD: torch.Tensor, told_BK: torch.Tensor) -> torch.Tensor:
        z = posterior.sample(noise_BD)
        nll = vae.likelihood.nll(vae.decode(z, told_BK), x)
        return vae.prior.log_prob(z) - posterior.log_prob(z) - nll

    def bound(told_BK: torch.Tensor) -> float:
        logs = torch.stack([log_w(block, told_BK) for block in noise]).double()
        return (math.log(3) - logs.logsumexp(0)).mean().item()

    assert terms.loss.item() == pytest.approx(bound(told), rel=1e-5)
    assert terms.loss.item() != pytest.approx(bound(told.flip(0)), rel=1e-5)


def test_that_reduced_precision_does_not_reach_a_covariance() -> None:
    torch.set_default_dtype(torch.float32)
    objective = toys.make_objective("dip-vae-i")
    posterior = SimpleNamespace(mean_BD=torch.randn(64, 5))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = objective.covariance(posterior)
    assert torch.equal(inside, objective.covariance(posterior))
