"""What a checkpoint holds: weights and Adam's moments as arrays, and exact scalars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vae_studio.domain.errors import StudioError
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.vae import VAE

Arrays = dict[str, NDArray[Any]]


def pack(vae: VAE, optimizer: FusedAdam) -> Arrays:
    """Tensors by name: ``model.*``, ``adam.<parameter>.<moment>``, ``adam.step``; CPU copies."""
    arrays = {f"model.{name}": _array(value) for name, value in vae.state_dict().items()}
    moments = optimizer.state(name for name, _ in vae.named_parameters())
    return arrays | {f"adam.{name}": _array(value) for name, value in moments.items()}


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


def unpack_optimizer(vae: VAE, optimizer: FusedAdam, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put Adam's moments back; StudioError when the checkpoint has none (a bundled example)."""
    state = {
        name.removeprefix("adam."): torch.from_numpy(np.array(value))
        for name, value in arrays.items()
        if name.startswith("adam.")
    }
    try:
        optimizer.load((name for name, _ in vae.named_parameters()), state)
    except KeyError as missing:
        raise StudioError(
            "The checkpoint holds weights but not the state of the optimiser, so training cannot "
            "go on from it exactly; start a new run.",
            details=str(missing),
        ) from None


def all_finite(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """No NaN and no infinity: anything else must never become the latest checkpoint."""
    return all(bool(np.isfinite(value).all()) for value in arrays.values())


def _array(value: torch.Tensor) -> NDArray[Any]:
    return value.detach().to("cpu", copy=True).numpy()
