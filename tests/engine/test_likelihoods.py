"""Every likelihood is normalised, in nats, and has the gradient it claims."""

from __future__ import annotations

import contextlib
import copy
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from vae_studio.domain.events import Validated
from vae_studio.engine import build, catalog
from vae_studio.engine.batches import BatchStream, as_floats
from vae_studio.engine.likelihood import Likelihood
from vae_studio.engine.trainer import Trainer

ONE = torch.float64
OUTPUTS = [-3.0, -0.5, 0.0, 1e-3, 0.2, 0.9, 1.4, 6.0]
CPU = torch.device("cpu")


def likelihood_of(name: str, **options: object) -> Likelihood:
    card = catalog.likelihoods()[name]
    return catalog.load(card, "Likelihood")({**card.defaults(), **options})


def density(likelihood: Likelihood, output: Tensor, x_N: Tensor) -> Tensor:
    """p(x) for single values x under one decoder output (P,)."""
    outputs = output.view(1, -1, 1, 1).expand(len(x_N), -1, 1, 1)
    return (-likelihood.nll(outputs, x_N.view(-1, 1, 1, 1))).exp()


# -- normalised -----------------------------------------------------------------------------------


@pytest.mark.parametrize("output", OUTPUTS)
def test_that_the_continuous_bernoulli_integrates_to_one(output: float) -> None:
    x = torch.linspace(0, 1, 20_001, dtype=ONE)
    p = density(likelihood_of("continuous-bernoulli"), torch.tensor([output], dtype=ONE), x)
    assert torch.trapezoid(p, x).item() == pytest.approx(1.0, abs=1e-6)


def test_that_the_laplace_is_a_normalised_density() -> None:
    output, x = torch.rand(4, 1, 3, 2), torch.rand(4, 1, 3, 2)
    exact = -torch.distributions.Laplace(output, 0.3).log_prob(x).sum(dim=(1, 2, 3))
    assert torch.allclose(likelihood_of("laplace", scale=0.3).nll(output, x), exact, atol=1e-4)


def test_that_the_sigma_vae_is_a_normalised_density_at_the_sigma_it_names() -> None:
    likelihood = likelihood_of("sigma-vae")
    torch.manual_seed(0)
    output, x = torch.rand(6, 2, 3, 2), torch.rand(6, 2, 3, 2)
    sigma = (output - x).square().mean().sqrt()
    exact = -torch.distributions.Normal(output, sigma).log_prob(x).sum(dim=(1, 2, 3))
    assert torch.allclose(likelihood.nll(output, x), exact, atol=1e-4)
    assert likelihood.short == f"Gaussian σ*={sigma.item():.3g}"


@pytest.mark.parametrize("scale", ["pixel", "shared"])
@pytest.mark.parametrize("raw", [-30.0, -6.0, -2.0, 30.0])
@pytest.mark.parametrize("centre", OUTPUTS)
def test_that_the_levels_of_the_logistic_share_a_probability_of_one(
    centre: float, raw: float, scale: str
) -> None:
    likelihood = likelihood_of("discretised-logistic", scale=scale)
    levels = torch.arange(256, dtype=ONE) / 255
    parameters = [centre, raw]
    if scale == "shared":
        likelihood.raw_scale.data.fill_(raw / 10)
        parameters = [centre]
    p = density(likelihood, torch.tensor(parameters, dtype=ONE), levels)
    assert p.sum().item() == pytest.approx(1.0, abs=1e-6)
    assert (p >= 0).all()


def test_that_each_bin_holds_the_mass_of_the_logistic_curve_over_it() -> None:
    likelihood = likelihood_of("discretised-logistic", scale="shared")
    likelihood.raw_scale.data.fill_(-0.37)  # the middle, where ln s is the raw value
    levels = torch.arange(256, dtype=ONE) / 255
    p = density(likelihood, torch.tensor([0.3], dtype=ONE), levels)
    edges = (levels[:-1] + 0.5 / 255 - 0.3) / math.exp(-3.7)
    below = torch.cat([torch.zeros(1), torch.sigmoid(edges), torch.ones(1)])
    assert torch.allclose(p, below.diff(), atol=1e-8)


# -- against torch --------------------------------------------------------------------------------


def test_that_the_continuous_bernoulli_is_torchs_and_shows_its_mean() -> None:
    likelihood = likelihood_of("continuous-bernoulli")
    logits = torch.linspace(-12, 12, 97, dtype=ONE).view(-1, 1, 1, 1)
    x = torch.rand(97, 1, 1, 1, dtype=ONE, generator=torch.Generator().manual_seed(0))
    torchs = torch.distributions.ContinuousBernoulli(logits=logits)
    exact = -torchs.log_prob(x).flatten()
    assert torch.allclose(likelihood.nll(logits, x), exact, atol=1e-4)  # torch's own series: 1e-5
    assert torch.allclose(likelihood.mean_picture(logits), torchs.mean, atol=1e-4)


def test_that_its_mean_is_smooth_where_the_series_takes_over_in_single_precision() -> None:
    likelihood = likelihood_of("continuous-bernoulli")
    logits = torch.linspace(-1, 1, 4001).view(-1, 1, 1, 1)
    exact = likelihood.mean_picture(logits.double())
    assert (likelihood.mean_picture(logits) - exact).abs().max() < 2e-6
    assert likelihood.mean_picture(torch.zeros(1, 1, 1, 1)).item() == 0.5


def test_that_the_cross_entropy_alone_would_be_seen_as_no_density() -> None:
    x = torch.linspace(0, 1, 20_001, dtype=ONE)
    p = density(likelihood_of("bernoulli-grey"), torch.tensor([0.2], dtype=ONE), x)
    assert abs(torch.trapezoid(p, x).item() - 1.0) > 0.3


# -- gradients ------------------------------------------------------------------------------------


def _levels(*shape: int) -> Tensor:
    x = torch.randint(256, shape, generator=torch.Generator().manual_seed(2)).to(ONE) / 255
    x.view(-1)[:2] = torch.tensor([0.0, 1.0])
    return x


@pytest.mark.parametrize(
    ("name", "options", "channels"),
    [
        ("continuous-bernoulli", {}, 1),
        ("discretised-logistic", {"scale": "pixel"}, 2),
        ("discretised-logistic", {"scale": "shared"}, 1),
        ("laplace", {}, 1),
    ],
)
def test_that_the_gradient_is_autograds(name: str, options: dict, channels: int) -> None:
    torch.manual_seed(1)
    likelihood = likelihood_of(name, **options)
    output = torch.randn(2, channels, 3, 3, dtype=ONE, requires_grad=True)
    x = _levels(2, 1, 3, 3)
    assert torch.autograd.gradcheck(lambda value: likelihood.nll(value, x), (output,))


def test_that_the_shared_scale_learns_by_its_gradient() -> None:
    likelihood = likelihood_of("discretised-logistic", scale="shared").double()
    output, x = torch.rand(3, 1, 4, 4, dtype=ONE), _levels(3, 1, 4, 4)

    def loss(raw: Tensor) -> Tensor:
        return torch.func.functional_call(
            Wrapped(likelihood), {"inner.raw_scale": raw}, (output, x)
        )

    raw = likelihood.raw_scale.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(loss, (raw,))


class Wrapped(torch.nn.Module):
    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, output: Tensor, x: Tensor) -> Tensor:
        return self.inner.nll(output, x)


def test_that_the_best_sigma_has_the_gradient_of_the_logarithm_it_replaces() -> None:
    """Rybkin: −log p at σ* is Dpix/2 · (ln 2πσ*² + 1), whose σ* follows the decoder."""
    torch.manual_seed(3)
    output = torch.rand(5, 1, 4, 3, dtype=ONE, requires_grad=True)
    x = torch.rand(5, 1, 4, 3, dtype=ONE)
    (ours,) = torch.autograd.grad(likelihood_of("sigma-vae").nll(output, x).mean(), output)
    variance = (output - x).square().mean()
    (exact,) = torch.autograd.grad(6 * ((2 * math.pi * variance).log() + 1), output)
    assert torch.allclose(ours, exact, atol=1e-10)


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
@pytest.mark.parametrize("size", [0.0, 1e-12, 1e4])
def test_that_extreme_outputs_give_a_finite_loss_gradient_and_picture(
    name: str, size: float
) -> None:
    likelihood = likelihood_of(name)
    output = size * torch.tensor([-1.0, 1.0, 1.0, -1.0]).view(4, 1, 1, 1)
    output = output.repeat(1, likelihood.parameters_per_value, 1, 1).requires_grad_()
    loss = likelihood.nll(output, torch.tensor([0.0, 1.0, 0.0, 1.0]).view(4, 1, 1, 1))
    loss.sum().backward()
    shown = likelihood.mean_picture(output)
    assert torch.isfinite(loss).all()
    assert torch.isfinite(output.grad).all()
    assert ((shown >= 0) & (shown <= 1)).all()


# -- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [-7.0, -4.0, -2.0, 1.0])
@pytest.mark.parametrize("centre", [-0.2, 0.0, 0.31, 0.95, 1.3])
def test_that_the_logistics_picture_is_the_mean_of_its_levels(centre: float, raw: float) -> None:
    likelihood = likelihood_of("discretised-logistic")
    levels = torch.arange(256, dtype=ONE) / 255
    parameters = torch.tensor([centre, raw], dtype=ONE)
    mean = (density(likelihood, parameters, levels) * levels).sum()
    shown = likelihood.mean_picture(parameters.view(1, 2, 1, 1)).item()
    assert shown == pytest.approx(mean.item(), abs=0.5 / 255)


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
def test_that_the_first_picture_is_the_mean_even_where_it_is_black_or_white(name: str) -> None:
    likelihood = likelihood_of(name)
    mean = torch.tensor([0.0, 0.001, 0.02, 0.5, 0.98, 1.0]).view(1, 2, 3)
    bias = likelihood.initial_bias(mean)
    assert torch.isfinite(bias).all()
    shown = likelihood.mean_picture(bias.unsqueeze(0))[0]
    assert torch.allclose(shown, mean, atol=0.0101)


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
def test_that_the_gradient_of_the_picture_is_autograds(name: str) -> None:
    """Auxiliary terms learn through it."""
    likelihood = likelihood_of(name)
    torch.manual_seed(5)
    shape = (2, likelihood.parameters_per_value, 3, 3)
    output = (0.1 + 0.8 * torch.rand(shape, dtype=ONE)).requires_grad_()
    assert torch.autograd.gradcheck(likelihood.mean_picture, (output,))
    zero = torch.zeros(shape, requires_grad=True)
    likelihood.mean_picture(zero).sum().backward()
    assert torch.isfinite(zero.grad).all()


# -- static binarisation --------------------------------------------------------------------------


def test_that_a_picture_is_binarised_the_same_in_every_batch() -> None:
    likelihood = likelihood_of("bernoulli-static")
    images = as_floats(torch.randint(256, (9, 1, 6, 5), generator=torch.Generator().manual_seed(0)))
    together = likelihood.target(images, torch.Generator().manual_seed(1))
    alone = [likelihood.target(one, None) for one in images.flip(0).split(1)]
    assert torch.equal(torch.cat(alone).flip(0), together)
    assert set(together.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(likelihood.target(together, None), together)


def test_that_a_pixel_is_white_as_often_as_it_is_bright() -> None:
    likelihood = likelihood_of("bernoulli-static")
    dice = torch.Generator().manual_seed(0)
    images = as_floats(torch.randint(256, (20_000, 1, 1, 4), generator=dice))
    images[..., 0] = 0.2
    drawn = likelihood.target(images, None)
    assert drawn[..., 0].mean().item() == pytest.approx(0.2, abs=0.01)
    bright = images[..., 1:] > 0.75
    assert drawn[..., 1:][bright].mean().item() == pytest.approx(0.875, abs=0.01)


def test_that_one_grey_level_more_gives_another_draw() -> None:
    likelihood = likelihood_of("bernoulli-static")
    images = torch.full((2, 1, 20, 20), 128 / 255)
    images[1, 0, 0, 0] += 1 / 255
    first, second = likelihood.target(images, None)
    assert 0.4 < (first != second).float().mean() < 0.6


# -- the scale that fits --------------------------------------------------------------------------


def test_that_evaluation_uses_the_sigma_of_the_training_and_does_not_move_it() -> None:
    likelihood = likelihood_of("sigma-vae")
    assert likelihood.short == "Gaussian σ*"
    x = torch.zeros(4, 1, 2, 2)
    for size in (0.1, 0.3):
        likelihood.nll(x + size, x)
    assert likelihood.variance.item() == pytest.approx((0.01 + 0.09) / 2)
    likelihood.eval()
    exact = -torch.distributions.Normal(0.0, math.sqrt(0.05)).log_prob(torch.tensor(0.2)) * 4
    assert likelihood.nll(x + 0.2, x)[0].item() == pytest.approx(exact.item(), rel=1e-5)
    assert likelihood.short == "Gaussian σ*=0.224"


def test_that_a_perfect_copy_has_a_finite_loss() -> None:
    likelihood = likelihood_of("sigma-vae")
    x = torch.rand(2, 1, 3, 3)
    assert torch.isfinite(likelihood.nll(x, x)).all()
    assert likelihood.short == "Gaussian σ*=0.00248"


def test_that_the_convention_of_a_run_names_the_sigma_of_now(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config({"model.likelihood": "sigma-vae"}), tiny_splits)
    points = [event for event in trainer.run() if isinstance(event, Validated)]
    names = [point.convention.likelihood for point in points]
    assert len(set(names)) == 3
    assert build.convention_of(trainer.vae).likelihood == names[-1]


# -- the pictures they are given ------------------------------------------------------------------


def test_that_a_batch_holds_the_256_levels_and_each_falls_into_its_bin() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1)
    x = BatchStream(levels, batch_size=256, seed=0, device=CPU).batch(0).x_BCHW.flatten()
    assert x.mul(255).round().to(torch.int64).sort().values.tolist() == list(range(256))
    assert (x.double() * 255 - (x * 255).round()).abs().max() < 1e-4
    assert (x < 0.5 / 255).sum() == (x > 1 - 0.5 / 255).sum() == 1


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
def test_that_training_lowers_the_loss_of_every_likelihood(
    name: str, small_config, tiny_splits
) -> None:
    config = small_config({"model.likelihood": name, "train.epochs": 50})
    told = list(Trainer(config, tiny_splits).run())
    points = [event.nelbo for event in told if isinstance(event, Validated)]
    assert np.isfinite(points).all()
    assert points[-1] < points[0] - 20
    if likelihood_of(name).discrete:
        assert min(points) > 0


@pytest.mark.parametrize("name", ["sigma-vae", "discretised-logistic"])
def test_that_what_a_likelihood_learns_is_saved_with_the_model(name: str, small_config) -> None:
    config = small_config({"model.likelihood": name, "model.likelihood_options.scale": "shared"})
    vae = build.build_vae(config.model, (1, 6, 5), seed=0)
    x = torch.rand(4, 1, 6, 5)
    other = copy.deepcopy(vae)
    with contextlib.suppress(AttributeError):
        vae.likelihood.raw_scale.data.fill_(0.123)
    vae.likelihood.nll(vae.decode(torch.zeros(4, 4)), x)
    other.load_state_dict(vae.state_dict())
    output = torch.rand(4, 1, 6, 5)
    vae.eval(), other.eval()
    assert torch.equal(vae.likelihood.nll(output, x), other.likelihood.nll(output, x))
