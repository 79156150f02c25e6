"""A model that is told what a picture shows, and one whose codes are exact."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.engine import build, catalog
from vae_studio.engine.conditions import one_hot
from vae_studio.engine.grids import _under_every_label
from vae_studio.engine.probe import Probe
from vae_studio.engine.session import open_model, start_run
from vae_studio.engine.trainer import Trainer
from vae_studio.engine.vae import Conditioned, Posterior

LABELLED = {"model.conditional": True, "train.epochs": 1}


def _vae(small_config, net: str = "mlp", told: int = 3):
    options = {"width": 16} if "width" in catalog.networks()[net].defaults() else {"channels": 8}
    model = type(small_config().model)(net=net, latent_dim=4, options=options)
    vae = build.build_vae(model, (1, 12, 12), seed=0, condition=told)
    return vae


@pytest.mark.parametrize("net", list(catalog.networks()))
def test_that_the_label_reaches_both_nets_of_every_network(net: str, small_config) -> None:
    vae = _vae(small_config, net).eval()
    x, z = torch.rand(1, 1, 12, 12), torch.randn(1, 4)
    first, second = (torch.from_numpy(one_hot(np.array([i]), 3)) for i in (0, 1))
    with torch.no_grad():
        assert not torch.equal(vae.posterior(x, first).mean_BD, vae.posterior(x, second).mean_BD)
        assert not torch.equal(vae.decode(z, first), vae.decode(z, second))


def test_that_not_told_is_a_row_of_zeros(small_config) -> None:
    vae = _vae(small_config)
    x = torch.rand(2, 1, 12, 12)
    untold = vae.posterior(x).mean_BD
    assert torch.equal(untold, vae.posterior(x, torch.zeros(2, 3)).mean_BD)
    assert one_hot(np.array([-1, 2]), 3).tolist() == [[0, 0, 0], [0, 0, 1]]


def test_that_blocks_of_codes_meet_the_labels_of_their_pictures(small_config) -> None:
    vae = _vae(small_config).eval()
    told = torch.from_numpy(one_hot(np.array([2, 0]), 3))
    z = torch.randn(6, 4)
    with torch.no_grad():
        blocks = Conditioned(vae, told).decode(z)
        one = vae.decode(z[4:5], told[:1])
    assert torch.allclose(blocks[4], one[0], atol=1e-6)


def test_that_a_tenth_of_the_labels_is_forgotten(small_config, tiny_splits) -> None:
    trainer = Trainer(small_config(LABELLED), tiny_splits)
    told = torch.ones(20_000, trainer.vae.condition)
    kept = trainer._stepper._told(told)
    assert kept.any(1).float().mean().item() == pytest.approx(0.9, abs=0.01)
    assert torch.equal(kept.any(1), kept.all(1))


def test_that_a_conditional_run_is_opened_as_it_was(small_config, tiny_splits, tmp_path) -> None:
    trainer = start_run(small_config(LABELLED), tiny_splits, out=tmp_path / "run")
    list(trainer.run())
    model = open_model(tmp_path / "run")
    assert model.vae.condition == len(tiny_splits.class_names)
    codes = np.zeros((2, model.vae.units), np.float32)
    told = one_hot(np.array([0, 1]), model.vae.condition)
    pictures = model.probe.decode(codes, told)
    assert not np.array_equal(*pictures)


def test_that_a_grid_shows_one_code_under_every_label(small_config) -> None:
    vae = _vae(small_config)
    spec = SampleGridSpec(rows=3, columns=2, label_rows=True)
    grid = _under_every_label(Probe(vae), spec)
    codes = Probe(vae).codes(2, seed=0)
    alone = Probe(vae).decode(codes[1:], one_hot(np.array([2]), 3))
    assert len(grid) == 6
    assert np.abs(grid[5].astype(int) - alone[0]).max() <= 1


def test_that_a_model_without_labels_says_so_when_asked_for_rows_of_them(small_config) -> None:
    with pytest.raises(StudioError, match="train one with --conditional"):
        _under_every_label(Probe(_vae(small_config, told=0)), SampleGridSpec(label_rows=True))


def test_that_labels_are_asked_for_when_there_are_none(small_config, tiny_splits) -> None:
    bare = {
        part: dataclasses.replace(getattr(tiny_splits, part), labels_N=None)
        for part in ("train", "validation", "test")
    }
    with pytest.raises(StudioError, match="have no labels to tell the model"):
        Trainer(small_config(LABELLED), dataclasses.replace(tiny_splits, **bare))


def test_that_exact_codes_have_no_noise_no_rate_and_no_bound(small_config, tiny_splits) -> None:
    config = small_config({"model.codes": "exact"})
    trainer = Trainer(config, tiny_splits)
    *_, finished = trainer.run()
    test = finished.summary["test"]
    assert test["nelbo"] is test["rate"] is None
    assert "exact codes, distortion only" in test["convention"]
    assert test["distortion"] > 0


def test_that_an_exact_code_is_the_mean_whatever_the_noise() -> None:
    mean = torch.tensor([[1.0, -2.0]])
    exact = Posterior(mean, torch.zeros(1, 2), exact=True)
    assert torch.equal(exact.sample(torch.full((1, 2), 9.0)), mean)
    sampled = Posterior(mean, torch.zeros(1, 2))
    assert not torch.equal(sampled.sample(torch.full((1, 2), 9.0)), mean)


def test_that_the_density_of_a_code_is_that_of_its_normal() -> None:
    posterior = Posterior(torch.randn(5, 3), torch.randn(5, 3))
    z = torch.randn(5, 3)
    normal = torch.distributions.Normal(posterior.mean_BD, (0.5 * posterior.logvar_BD).exp())
    assert torch.allclose(posterior.log_prob(z), normal.log_prob(z).sum(1), atol=1e-4)
