"""The aggregate posterior q(z) = 1/N Σ q(z|x_n) out of a batch, by minibatch stratified sampling.

Chen 2018 (1802.04942), appendix C. Shapes: B batch, D units, N training pictures.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from vae_studio.engine.vae import Posterior


def stratified_log_weights(batch: int, images: int, *, device: torch.device) -> Tensor:
    """log W (B, B): how much q(z_i|x_j) counts for q(z_i).

    With M = B − 1: 1/N for the picture z_i came from, (N − M)/(N·M) for one other, 1/M for the
    rest, so that each row sums to 1. Here the one other is the next of the batch.
    """
    if batch == 1:
        return torch.zeros(1, 1, device=device)
    others = batch - 1
    stands_for = max(images, batch)  # a set is never smaller than one of its batches
    weights = torch.full((batch, batch), -math.log(others), device=device)
    own = torch.arange(batch, device=device)
    weights[own, own] = -math.log(stands_for)
    weights[own, (own + 1) % batch] = math.log((stands_for - others) / (stands_for * others))
    return weights


def aggregate_log_probs(posterior: Posterior, z_BD: Tensor, images: int) -> tuple[Tensor, Tensor]:
    """log q(z_i) (B,) and log q(z_id) per unit (B, D), in nats, of the batch's own codes.

    The weight of a picture enters each sum over pictures once: added per unit and then summed
    over the units, it gives MI above log N.
    """
    log_each = _log_q_of_all(posterior, z_BD)
    weights = stratified_log_weights(len(z_BD), images, device=z_BD.device)
    joint_B = (weights + log_each.sum(2)).logsumexp(1)
    units_BD = (weights[:, :, None] + log_each).logsumexp(1)
    return joint_B, units_BD


def _log_q_of_all(posterior: Posterior, z_BD: Tensor) -> Tensor:
    """log q(z_id|x_j) as (B for i, B for j, D)."""
    mean, logvar = posterior.mean_BD, posterior.logvar_BD
    squared = (z_BD[:, None] - mean[None]).square() * (-logvar).exp()[None]
    return -0.5 * (squared + logvar[None] + math.log(2 * math.pi))
