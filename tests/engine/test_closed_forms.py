"""Likelihoods, KL and the model's small functions against formulas written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_studio.engine import build, catalog
from vae_studio.engine.likelihoods._bernoulli import bernoulli_nll
from vae_studio.engine.terms import gaussian_kl
from vae_studio.engine.vae import Posterior, soft_clamp

ONE = torch.float64


def test_that_the_kl_is_the_integral_it_claims_to_be() -> None:
    mean, logvar = torch.tensor([[0.7, -1.2]], dtype=ONE), torch.tensor([[-0.5, 0.9]], dtype=ONE)
    q = torch.distributions.Normal(mean, (0.5 * logvar).exp())
    exact = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    assert torch.allclose(gaussian_kl(mean, logvar), exact.to(ONE), atol=1e-12)


@pytest.mark.parametrize(
    "broken",
    [
        lambda m, v: m.square() + v.exp() - v - 1.0,  # the ½ is missing
        lambda m, v: 0.5 * (m.square() + v.exp().square() - 2 * v - 1.0),  # logvar taken for ln σ
        lambda m, v: -0.5 * (m.square() + v.exp() - v - 1.0),  # the sign turned round
    ],
)
def test_that_the_known_ways_to_get_the_kl_wrong_would_be_seen(broken) -> None:
    mean, logvar = torch.tensor([[0.7]], dtype=ONE), torch.tensor([[-0.5]], dtype=ONE)
    q = torch.distributions.Normal(mean, (0.5 * logvar).exp())
    exact = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).to(ONE)
    assert not torch.allclose(broken(mean, logvar), exact, atol=1e-3)


def test_that_grey_bce_is_summed_over_pixels_and_kept_per_image() -> None:
    torch.manual_seed(0)
    logits = torch.randn(3, 1, 5, 4, dtype=ONE) * 3
    x = torch.rand(3, 1, 5, 4, dtype=ONE)
    p = torch.sigmoid(logits)
    by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=(1, 2, 3))
    assert torch.allclose(bernoulli_nll(logits, x), by_hand, atol=1e-10)


def test_that_its_hand_written_gradient_is_autograds() -> None:
    torch.manual_seed(1)
    logits = (torch.randn(2, 1, 3, 3, dtype=ONE) * 4).requires_grad_()
    x = torch.rand(2, 1, 3, 3, dtype=ONE)
    assert torch.autograd.gradcheck(lambda value: bernoulli_nll(value, x), (logits,))


def test_that_extreme_logits_give_a_finite_loss_and_gradient() -> None:
    logits = torch.tensor([[[[1e4, -1e4]]]], requires_grad=True)
    loss = bernoulli_nll(logits, torch.tensor([[[[0.0, 1.0]]]]))
    loss.sum().backward()
    assert loss.item() == pytest.approx(2e4)
    assert torch.equal(logits.grad, torch.tensor([[[[1.0, -1.0]]]]))


def test_that_the_gaussian_is_a_normalised_density() -> None:
    likelihood = catalog.load(catalog.likelihoods()["gaussian"], "Likelihood")({"sigma": 0.3})
    output, x = torch.rand(4, 1, 3, 2), torch.rand(4, 1, 3, 2)
    exact = -torch.distributions.Normal(output, 0.3).log_prob(x).sum(dim=(1, 2, 3))
    assert torch.allclose(likelihood.nll(output, x), exact, atol=1e-4)


def test_that_dynamic_binarisation_draws_each_pixel_with_its_grey_value() -> None:
    card = catalog.likelihoods()["bernoulli-dynamic"]
    likelihood = catalog.load(card, "Likelihood")({})
    x = torch.full((4000, 1, 1, 2), 0.3)
    drawn = likelihood.target(x, torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean().item() == pytest.approx(0.3, abs=0.02)
    again = likelihood.target(x, torch.Generator().manual_seed(1))
    assert not torch.equal(drawn, again)


def test_that_a_sample_of_the_posterior_has_its_mean_and_spread() -> None:
    posterior = Posterior(torch.full((1, 1), 2.0), torch.full((1, 1), math.log(0.25)))
    z = torch.cat([posterior.sample(noise.view(1, 1)) for noise in torch.linspace(-2, 2, 5)])
    assert z.flatten().tolist() == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0])


def test_that_the_log_variance_is_bounded_but_never_stuck() -> None:
    raw = torch.tensor([-1e6, -2.0, 0.0, 1e6], requires_grad=True)
    value = soft_clamp(raw)
    value.sum().backward()
    assert value.tolist() == pytest.approx([-8.0, -2.0, -0.0715, 4.0], abs=1e-3)
    assert raw.grad[1] == 1.0
    assert raw.grad[2] > 0.89


@pytest.mark.parametrize("name", list(catalog.likelihoods()))
def test_that_an_untrained_decoder_answers_the_mean_picture(name: str, small_config) -> None:
    """SCIENCE: 206 nats on MNIST at the first step instead of 543."""
    config = small_config({"model.likelihood": name})
    vae = build.build_vae(config.model, (1, 6, 5), seed=0)
    images = np.random.default_rng(0).integers(20, 230, (50, 1, 6, 5), dtype=np.uint8)
    build.start_at_mean(vae, images)
    for parameter in vae.decoder.body.parameters():
        parameter.data.zero_()
    shown = vae.likelihood.mean_picture(vae.decode(torch.zeros(1, 4)))[0]
    assert np.allclose(shown.detach().numpy(), images.mean(0) / 255, atol=0.01)


@pytest.mark.parametrize("name", list(catalog.networks()))
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 17, 22), (1, 64, 64)])
def test_that_every_network_fits_every_picture(name: str, shape, small_config) -> None:
    config = small_config({"model.net": name})
    options = {"width": 16} if "width" in catalog.networks()[name].defaults() else {"channels": 8}
    model = type(config.model)(net=name, latent_dim=3, options=options)
    vae = build.build_vae(model, shape, seed=0)
    posterior = vae.posterior(torch.rand(2, *shape))
    assert posterior.mean_BD.shape == posterior.logvar_BD.shape == (2, 3)
    assert vae.decode(posterior.mean_BD).shape == (2, *shape)
