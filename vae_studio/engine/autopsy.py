"""What was where when a number stopped being finite: the details behind the one sentence."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_studio.engine.batches import Batch
from vae_studio.engine.objective import Setting
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE

NAMED_AT_MOST = 5


def autopsy(vae: VAE, terms: Terms, batch: Batch, at: Setting, lr: float) -> str:
    """Lines on the step that was not applied: which term, which gradients, in which batch.

    Called with the gradients of the step still in place.
    """
    gradients = {n: p.grad for n, p in vae.named_parameters() if p.grad is not None}
    name, largest = max(((n, _largest(p)) for n, p in vae.named_parameters()), key=lambda x: x[1])
    return "\n".join(
        [
            f"Step {at.step:,} of {at.total_steps:,}: a batch of {len(batch)} pictures, "
            f"learning rate {lr:.3g}, β {at.beta:.3g}.",
            f"Terms: {_terms_text(terms)}.",
            f"Gradients that are not finite: {_not_finite_text(gradients)}.",
            f"Largest |log-variance| of the codes: {_largest_logvar(vae, batch):.3g} "
            "(held between −8 and 4).",
            f"Largest weight: {largest:.3g}, in {name}.",
        ]
    )


def not_finite(tensors: dict[str, Tensor]) -> list[str]:
    """The names of those that hold a NaN or an infinity."""
    return [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]


def _terms_text(terms: Terms) -> str:
    values = {"loss": terms.loss, "distortion": terms.distortion, "rate": terms.rate, **terms.extra}
    return ", ".join(f"{name} {float(value.detach()):.4g}" for name, value in values.items())


def _not_finite_text(gradients: dict[str, Tensor]) -> str:
    bad = not_finite(gradients)
    more = len(bad) - NAMED_AT_MOST
    names = ", ".join(bad[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    return f"{names} ({len(bad)} of {len(gradients)})" if bad else f"none of {len(gradients)}"


@torch.no_grad()
def _largest_logvar(vae: VAE, batch: Batch) -> float:
    was_training = vae.training
    posterior = vae.eval().given(batch.condition_BK).posterior(batch.x_BCHW)
    vae.train(was_training)
    return _largest(posterior.logvar_BD)


def _largest(tensor: Tensor) -> float:
    return float(tensor.detach().abs().max())
