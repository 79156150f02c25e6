"""The layers of a model with their shapes and costs, found by showing it one picture."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from vae_studio.domain.config import ModelConfig
from vae_studio.domain.layers import Layer, LayerTable
from vae_studio.engine.build import build_vae
from vae_studio.engine.vae import VAE, parameter_count


def describe(model: ModelConfig, shape: tuple[int, int, int], *, condition: int = 0) -> LayerTable:
    """The layers that a config means for pictures of ``shape`` (C, H, W).

    Nothing is allocated and nothing computed: the model lives on the meta device.
    """
    with torch.device("meta"):
        return layers_of(build_vae(model, shape, seed=0, condition=condition))


def layers_of(vae: VAE) -> LayerTable:
    """The layers of a model as it stands; its weights are not touched."""
    found: list[Layer] = []
    handles = [
        layer.register_forward_hook(_noting(found, part)) for part, layer in _weighted_layers(vae)
    ]
    was_training = vae.training
    device = next(vae.parameters()).device
    try:
        with torch.no_grad():
            posterior = vae.eval().posterior(torch.zeros(1, *vae.shape, device=device))
            vae.decode(posterior.mean_BD)
    finally:
        vae.train(was_training)
        for handle in handles:
            handle.remove()
    return LayerTable(tuple(found), parameter_count(vae))


def _weighted_layers(vae: VAE) -> Iterator[tuple[str, nn.Module]]:
    for name, layer in vae.named_modules():
        if not list(layer.children()) and list(layer.parameters()):
            yield name.partition(".")[0], layer


def _noting(found: list[Layer], part: str):  # type: ignore[no-untyped-def]
    def note(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        shape = tuple(output.shape[1:])
        found.append(
            Layer(part, _kind(layer), shape, parameter_count(layer), _products(layer, output))
        )

    return note


def _kind(layer: nn.Module) -> str:
    if isinstance(layer, nn.Linear):
        return f"dense {layer.in_features} → {layer.out_features}"
    if isinstance(layer, nn.Conv2d):
        step = f", step {layer.stride[0]}" if layer.stride[0] > 1 else ""
        size = "×".join(str(side) for side in layer.kernel_size)
        return f"conv {size}, {layer.in_channels} → {layer.out_channels}{step}"
    names: dict[type[nn.Module], str] = {
        nn.LayerNorm: "layer norm", nn.GroupNorm: "group norm",
        nn.BatchNorm1d: "batch norm", nn.BatchNorm2d: "batch norm",
    }  # fmt: skip
    return names.get(type(layer), type(layer).__name__)


def _products(layer: nn.Module, output: Tensor) -> int:
    if isinstance(layer, nn.Linear):
        return layer.in_features * layer.out_features
    if isinstance(layer, nn.Conv2d):
        return layer.weight[0].numel() * output[0].numel()
    return 0
