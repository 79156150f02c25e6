"""A fitted prior on its way into a run folder, and back into a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from vae_studio.domain.errors import StudioError
from vae_studio.engine.fit_prior import Fit, new_prior
from vae_studio.engine.vae import VAE
from vae_studio.runs.folder import RunFolder


def keep(run: Path, fit: Fit, *, step: int) -> None:
    """Write the fit of the model of ``step`` into the run's folder, in place of any before.

    StudioError when somebody else writes the run at the moment or the disk refuses.
    """
    prior = fit.prior
    assert isinstance(prior, nn.Module)
    arrays = {name: value.cpu().numpy() for name, value in prior.state_dict().items()}
    facts = {
        "name": prior.name, "options": dict(fit.options), "step": step, "rate": fit.rate,
        "rate_before": fit.rate_before, "pictures": fit.pictures,
    }  # fmt: skip
    with RunFolder.open(run, write=True) as folder:
        folder.save_prior(arrays, facts)


def put_fitted_prior(vae: VAE, folder: RunFolder, step: int) -> tuple[str, ...]:
    """Give the model of ``step`` the prior that was fitted to its codes, and answer what is to be
    said about it; StudioError when there is none.
    """
    saved, entry = folder.load_prior(), folder.manifest.prior
    assert entry is not None
    prior = new_prior(entry["name"], vae.units, entry["options"], seed=0)
    assert isinstance(prior, nn.Module)
    state = {name: torch.from_numpy(np.array(value)) for name, value in saved.tensors.items()}
    try:
        prior.load_state_dict(state)
    except RuntimeError as wrong:
        raise StudioError(
            f"The fitted prior does not fit the run '{folder.manifest.name}'; fit it again.",
            details=str(wrong),
        ) from None
    vae.prior = prior.eval()  # type: ignore[assignment]
    return _notes(entry["step"], step)


def _notes(fitted: int, step: int) -> tuple[str, ...]:
    if fitted == step:
        return ()
    return (
        f"The prior was fitted to the codes of step {fitted:,}, the model is of step {step:,}: "
        "its numbers hold, and fitting it again will improve them.",
    )
