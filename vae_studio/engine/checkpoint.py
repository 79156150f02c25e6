"""What a checkpoint holds: weights and Adam's moments as arrays, and exact scalars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import Optimizer

from vae_studio.domain.errors import StudioError
from vae_studio.engine.vae import VAE

Arrays = dict[str, NDArray[Any]]


def pack(vae: VAE, optimizer: Optimizer) -> Arrays:
    """Tensors by name: ``model.*`` and ``adam.<parameter>.<moment>``, copied to the CPU."""
    arrays = {f"model.{name}": _array(value) for name, value in vae.state_dict().items()}
    for name, parameter in vae.named_parameters():
        for moment, value in optimizer.state.get(parameter, {}).items():
            arrays[f"adam.{name}.{moment}"] = _array(value)
    return arrays


def unpack_model(vae: VAE, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put the weights of a checkpoint into ``vae``; StudioError when they are another model's."""
    state = {
        name.removeprefix("model."): torch.from_numpy(np.array(value))
        for name, value in arrays.items()
        if name.startswith("model.")
    }
    try:
        vae.load_state_dict(state)
    except RuntimeError as wrong:
        raise StudioError(
            "The checkpoint does not fit the network of its own settings; the run folder was "
            "changed by hand. Use another checkpoint or run.",
            details=str(wrong),
        ) from None


def unpack_optimizer(vae: VAE, optimizer: Optimizer, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put Adam's moments back; parameters without saved moments start with none."""
    for name, parameter in vae.named_parameters():
        prefix = f"adam.{name}."
        moments = {
            key.removeprefix(prefix): torch.from_numpy(np.array(value))
            for key, value in arrays.items()
            if key.startswith(prefix)
        }
        if moments:
            optimizer.state[parameter] = {
                key: value if key == "step" and parameter.device.type == "cpu"
                else value.to(parameter.device)
                for key, value in moments.items()
            }  # fmt: skip


def all_finite(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """No NaN and no infinity: anything else must never become the latest checkpoint."""
    return all(bool(np.isfinite(value).all()) for value in arrays.values())


def _array(value: torch.Tensor) -> NDArray[Any]:
    return value.detach().to("cpu", copy=True).numpy()
