"""What a checkpoint holds: weights and Adam's moments as arrays, and exact scalars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_studio.domain.errors import StudioError
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.failure import Diverged
from vae_studio.engine.objective import BaseObjective
from vae_studio.engine.vae import VAE

Arrays = dict[str, NDArray[Any]]


def living(vae: VAE, optimizer: FusedAdam, objective: BaseObjective) -> dict[str, Tensor]:
    """All that training changes, by name: ``model.*``, ``adam.<parameter>.<moment>``,
    ``adam.step`` and ``objective.*``. The tensors themselves, not copies.
    """
    tensors = {f"model.{name}": value for name, value in vae.state_dict().items()}
    moments = optimizer.state(name for name, _ in vae.named_parameters())
    tensors |= {f"adam.{name}": value for name, value in moments.items()}
    return tensors | {f"objective.{name}": value for name, value in objective.state().items()}


def as_arrays(tensors: Mapping[str, Tensor]) -> Arrays:
    """CPU copies of the tensors. Diverged when one holds a NaN or an infinity: nothing of the kind
    must ever become the latest checkpoint.
    """
    arrays = {name: _array(value) for name, value in tensors.items()}
    bad = [name for name, value in arrays.items() if not np.isfinite(value).all()]
    if bad:
        raise Diverged(
            f"'{bad[0]}' holds numbers that are not finite, so this state was not saved.",
            details="Not finite: " + ", ".join(bad),
        )
    return arrays


def unpack_model(vae: VAE, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put the weights of a checkpoint into ``vae``; StudioError when they are another model's."""
    state = {
        name.removeprefix("model."): torch.from_numpy(np.array(value))
        for name, value in arrays.items()
        if name.startswith("model.")
    }
    try:
        if missing := vae.state_dict().keys() - state.keys():  # torch forgives batch norm's counts
            raise RuntimeError(f"missing: {', '.join(sorted(missing))}")
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


def unpack_objective(objective: BaseObjective, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put back what the objective itself had learnt; StudioError when a part is missing."""
    for name, value in objective.state().items():
        saved = arrays.get(f"objective.{name}")
        if saved is None:
            raise StudioError(
                f"The checkpoint lacks '{name}', which the objective had learnt, so training "
                "cannot go on from it exactly; start a new run."
            )
        value.copy_(torch.from_numpy(np.array(saved)))


def _array(value: torch.Tensor) -> NDArray[Any]:
    return value.detach().to("cpu", copy=True).numpy()
