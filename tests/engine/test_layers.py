"""Layer tables and normalisation: what a network consists of, and what it mixes."""

from __future__ import annotations

import pytest
import torch

from vae_studio.domain.config import ModelConfig
from vae_studio.engine import build, catalog
from vae_studio.engine.layers import describe, layers_of
from vae_studio.engine.parts import conv_norm, dense_norm


def test_that_the_classic_net_is_counted_as_by_hand() -> None:
    table = describe(ModelConfig(net="mlp", latent_dim=20), (1, 28, 28))
    assert [layer.kind for layer in table.layers] == [
        "dense 784 → 400", "dense 400 → 40", "dense 20 → 400", "dense 400 → 784",
    ]  # fmt: skip
    products = 784 * 400 + 400 * 40 + 20 * 400 + 400 * 784
    assert table.flops == 2 * products
    assert table.training_flops() == 6 * products
    assert table.parameters == products + 400 + 40 + 400 + 784


@pytest.mark.parametrize("net", list(catalog.networks()))
def test_that_a_description_is_of_the_model_that_would_be_built(net: str) -> None:
    model = ModelConfig(net=net, latent_dim=3)
    built = build.build_vae(model, (3, 20, 17), seed=0, condition=2)
    assert describe(model, (3, 20, 17), condition=2) == layers_of(built)


@pytest.mark.parametrize("net", list(catalog.networks()))
@pytest.mark.parametrize("side", [16, 256])
def test_that_networks_are_driven_by_the_size_of_the_picture(net: str, side: int) -> None:
    table = describe(ModelConfig(net=net, latent_dim=5), (3, side, side))
    outputs = [layer.shape for layer in table.layers]
    assert (10,) in outputs  # means and log-variances
    assert outputs[-1] in {(3, side, side), (3 * side * side,)}


def test_that_a_convolution_is_counted_at_every_place() -> None:
    table = describe(ModelConfig(net="conv", latent_dim=2), (1, 28, 28))
    first = table.layers[0]
    assert first.kind == "conv 3×3, 1 → 32, step 2"
    assert first.shape == (32, 14, 14)
    assert first.products == 9 * 1 * 32 * 14 * 14


def test_that_describing_a_model_leaves_its_weights_and_mode_alone() -> None:
    vae = build.build_vae(ModelConfig(net="mlp", options={"norm": "batch"}), (1, 8, 8), seed=0)
    before = {name: value.clone() for name, value in vae.state_dict().items()}
    layers_of(vae)
    assert vae.training
    assert all(torch.equal(value, before[name]) for name, value in vae.state_dict().items())


@pytest.mark.parametrize("kind", ["layer", "group", "none"])
@pytest.mark.parametrize(("make", "shape"), [(dense_norm, (4, 16)), (conv_norm, (4, 16, 3, 3))])
def test_that_only_batch_norm_mixes_pictures(kind: str, make, shape) -> None:
    x = torch.randn(shape)
    alone = make(kind, 16)(x[:1])
    assert torch.allclose(make(kind, 16)(x)[:1], alone, atol=1e-6)
    mixing = make("batch", 16)
    assert not torch.allclose(mixing(x)[:1], mixing(x[:2])[:1], atol=1e-3)


@pytest.mark.parametrize("net", list(catalog.networks()))
@pytest.mark.parametrize("norm", ["layer", "group", "batch", "none"])
def test_that_every_network_takes_every_norm(net: str, norm: str) -> None:
    vae = build.build_vae(ModelConfig(net=net, options={"norm": norm}), (1, 9, 9), seed=0)
    found = {layer.kind for layer in layers_of(vae).layers if "norm" in layer.kind}
    wanted = {"layer norm", "group norm"} if norm in ("layer", "group") else {"batch norm"}
    assert found <= wanted if norm != "none" else not found
    assert found or norm == "none"


@pytest.mark.parametrize("net", ["residual-mlp", "residual-conv"])
def test_that_a_residual_block_starts_as_the_identity(net: str) -> None:
    vae = build.build_vae(ModelConfig(net=net), (1, 9, 9), seed=0)
    block = next(part for part in vae.modules() if type(part).__name__.startswith("Residual"))
    h = torch.randn({"residual-mlp": (2, 512), "residual-conv": (2, 32, 3, 3)}[net])
    assert torch.equal(block(h), h)


def test_that_a_run_writes_down_every_option_it_used(small_config) -> None:
    """A default that changes later must not change what an old run folder means."""
    config = catalog.spelled_out(small_config())
    assert config.model.options.keys() == catalog.networks()[config.model.net].defaults().keys()
    assert catalog.spelled_out(config) == config
    assert config.model.options | small_config().model.options == config.model.options
