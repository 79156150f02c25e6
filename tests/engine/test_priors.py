"""Every prior is a density, its draws are its own, and what it learns is what it is shown."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from vae_studio.engine import catalog
from vae_studio.engine.session import open_model, start_run
from vae_studio.runs.folder import RunFolder

OPTIONS = {
    "normal": {},
    "mixture": {"components": 5, "covariance": "full"},
    "diagonal mixture": {"components": 5, "covariance": "diagonal"},
    "realnvp": {"couplings": 4, "width": 16},
}
NAMES = list(OPTIONS)


def prior_of(name: str, units: int, *, seed: int = 0, shaken: float = 0.0):
    """A prior as a run builds it; ``shaken`` moves every parameter off its start."""
    card = catalog.priors()[name.removeprefix("diagonal ")]
    torch.manual_seed(seed)
    prior = catalog.load(card, "Prior")(units, {**card.defaults(), **OPTIONS[name]})
    for parameter in prior.parameters():
        parameter.data += shaken * torch.randn_like(parameter)
    return prior


def noise(count: int, units: int, *, seed: int = 1) -> Tensor:
    return torch.randn(count, units, generator=torch.Generator().manual_seed(seed))


def mass_on_grid(log_prob, *, half: float = 16.0, nodes: int = 801) -> float:
    """∫ p over a square, by the trapezium rule."""
    axis = torch.linspace(-half, half, nodes)
    z_BD = torch.cartesian_prod(axis, axis)
    return float(log_prob(z_BD).double().exp().sum()) * (2 * half / (nodes - 1)) ** 2


def test_that_every_prior_is_tested_here() -> None:
    assert {name.removeprefix("diagonal ") for name in NAMES} == set(catalog.priors())


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_that_a_prior_integrates_to_one(name: str) -> None:
    prior = prior_of(name, 2, shaken=0.2)
    assert mass_on_grid(prior.log_prob) == pytest.approx(1.0, abs=2e-3)


@torch.no_grad()
def test_that_a_forgotten_volume_or_weight_would_be_seen() -> None:
    flow, mixture = prior_of("realnvp", 2, shaken=0.2), prior_of("mixture", 2, shaken=0.3)
    no_volume = mass_on_grid(lambda z: flow.log_prob(z) - flow.to_noise(z)[1])
    no_weights = mass_on_grid(
        lambda z: (mixture._log_joint(z) - mixture.logit_K.log_softmax(0)).logsumexp(1)
    )
    assert abs(no_volume - 1) > 0.02
    assert no_weights == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize("units", [1, 2, 5])
@torch.no_grad()
def test_that_the_flow_has_an_exact_inverse(units: int) -> None:
    prior = prior_of("realnvp", units, shaken=0.2).double()
    u_BD = 2 * noise(200, units).double()
    z_BD = prior.from_noise(u_BD)
    assert torch.allclose(prior.to_noise(z_BD)[0], u_BD, atol=1e-9)
    assert not torch.allclose(z_BD, u_BD, atol=0.1)


def test_that_the_flows_volume_is_the_determinant_of_its_jacobian() -> None:
    prior = prior_of("realnvp", 3, shaken=0.2).double()
    z_D = noise(1, 3)[0].double()
    jacobian_DD = torch.autograd.functional.jacobian(lambda z: prior.to_noise(z[None])[0][0], z_D)
    volume = prior.to_noise(z_D[None])[1]
    assert volume.item() == pytest.approx(torch.linalg.slogdet(jacobian_DD)[1].item(), abs=1e-9)


@torch.no_grad()
def test_that_an_untrained_flow_is_the_standard_normal() -> None:
    flow, normal, z_BD = prior_of("realnvp", 4), prior_of("normal", 4), noise(100, 4)
    assert torch.equal(flow.from_noise(z_BD), z_BD)
    assert torch.allclose(flow.log_prob(z_BD), normal.log_prob(z_BD), atol=1e-6)


@pytest.mark.parametrize("covariance", ["full", "diagonal"])
@torch.no_grad()
def test_that_a_mixture_is_the_sum_written_out(covariance: str) -> None:
    name = "mixture" if covariance == "full" else "diagonal mixture"
    prior, z_BD = prior_of(name, 3, shaken=0.4), noise(20, 3)
    precision_KDD = prior._whiten_KDD().mT @ prior._whiten_KDD()
    parts = [
        torch.distributions.MultivariateNormal(mean, precision_matrix=p).log_prob(z_BD)
        for mean, p in zip(prior.mean_KD, precision_KDD, strict=True)
    ]
    by_hand = (torch.stack(parts, 1) + prior.logit_K.log_softmax(0)).logsumexp(1)
    assert torch.allclose(prior.log_prob(z_BD), by_hand, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_that_draws_follow_the_density(name: str) -> None:
    """The mean of log p over draws is minus the entropy that the grid gives, and so are moments."""
    prior = prior_of(name, 2, shaken=0.2)
    axis = torch.linspace(-16, 16, 801)
    grid_BD = torch.cartesian_prod(axis, axis)
    p_B = prior.log_prob(grid_BD).double().exp() * (32 / 800) ** 2
    drawn_BD = prior.from_noise(noise(100_000, 2))
    for moment in (lambda z: z, torch.square, lambda z: z[:, :1] * z[:, 1:]):
        wanted = (p_B[:, None] * moment(grid_BD)).sum(0)
        found = moment(drawn_BD).double()
        error = found.std(0) / len(found) ** 0.5
        assert ((found.mean(0) - wanted).abs() < 5 * error + 2e-3).all()


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_that_a_low_temperature_draws_what_is_more_likely(name: str) -> None:
    prior, noise_BD = prior_of(name, 4, shaken=0.1), noise(2000, 4)
    likely = prior.log_prob(prior.from_noise(noise_BD, temperature=0.5)).mean()
    assert likely > prior.log_prob(prior.from_noise(noise_BD)).mean() + 0.5


@torch.no_grad()
def test_that_one_step_of_em_never_lowers_the_likelihood() -> None:
    prior = prior_of("mixture", 3)
    z_ND = noise(600, 3) * torch.tensor([0.3, 1.0, 2.0]) + (noise(600, 1, seed=2) > 0) * 3.0
    prior._start_at(z_ND, torch.Generator().manual_seed(0))
    found = []
    for _ in range(25):
        found.append(float(prior.log_prob(z_ND).mean()))
        prior._improve(z_ND)
    assert all(after > before - 1e-3 for before, after in itertools.pairwise(found))
    assert found[-1] > found[0] + 0.1


def two_moons(count: int, generator: torch.Generator) -> Tensor:
    """Two bent clumps of codes, which no single normal distribution covers."""
    angle = torch.rand(count, generator=generator) * math.pi
    side = (torch.rand(count, generator=generator) < 0.5).float() * 2 - 1
    bent = torch.stack([side * (angle.cos() - 0.5), side * (angle.sin() - 0.25)], 1) * 1.5
    return bent + 0.1 * torch.randn(count, 2, generator=generator)


@pytest.mark.parametrize("name", ["mixture", "diagonal mixture", "realnvp"])
def test_that_a_fit_beats_the_best_single_normal(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_studio.engine.priors.realnvp.FIT_STEPS", 400)
    generator = torch.Generator().manual_seed(0)
    shown_ND, other_ND = two_moons(4000, generator), two_moons(4000, generator)
    prior = prior_of(name, 2)
    shares = list(prior.fit(lambda: shown_ND, torch.Generator().manual_seed(1)))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    best = torch.distributions.MultivariateNormal(other_ND.mean(0), other_ND.T.cov())
    with torch.no_grad():
        gain = float((prior.log_prob(other_ND) - best.log_prob(other_ND)).mean())
    assert gain > 0.2


@pytest.mark.parametrize("name", ["mixture", "realnvp"])
def test_that_a_fit_is_the_same_for_the_same_seed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_studio.engine.priors.realnvp.FIT_STEPS", 5)
    monkeypatch.setattr("vae_studio.engine.priors.mixture.ITERATIONS", 3)
    z_ND, states = noise(300, 3), []
    for seed in (1, 1, 2):
        prior = prior_of(name, 3)
        list(prior.fit(lambda: z_ND, torch.Generator().manual_seed(seed)))
        states.append(torch.cat([p.detach().flatten() for p in prior.parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@pytest.mark.parametrize("name", ["mixture", "realnvp"])
def test_that_a_prior_learns_with_the_model_and_is_saved_with_it(
    name: str, tmp_path: Path, tiny_splits, small_config
) -> None:
    config = small_config({"model.prior": name, "train.epochs": 4})
    out = tmp_path / "joint"
    trainer = start_run(config, tiny_splits, out=out)
    first = {key: value.clone() for key, value in trainer.vae.prior.state_dict().items()}
    for _ in trainer.run():
        pass
    learnt = trainer.vae.prior.state_dict()
    assert any(not torch.equal(first[key], learnt[key]) for key in first)
    opened = open_model(out)
    assert f"prior {name}" in str(opened.convention)
    for key, value in opened.vae.prior.state_dict().items():
        assert torch.equal(value, learnt[key])
    summary = RunFolder.open(out).read_summary()
    assert summary is not None
    assert summary["test"]["rate"] > 0
