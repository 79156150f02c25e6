"""What a network costs, counted rather than timed: the answer is the same on every machine."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vae_studio.engine.vae import VAE

#: A step is cut into parts that a modest CPU (100 GFLOP/s) finishes in 50 ms, so that a pointer
#: request never waits longer. Counted, not timed: timing would let a busy machine change the bits.
FLOPS_PER_PART = 5e9


def products_per_image(vae: VAE) -> int:
    """Multiply-adds of the forward pass of encoder and decoder for one image."""
    counted = [0]

    def count(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(layer, nn.Linear):
            counted[0] += layer.in_features * layer.out_features
        elif isinstance(layer, nn.Conv2d):
            counted[0] += layer.weight[0].numel() * output[0].numel()

    handles = [layer.register_forward_hook(count) for layer in vae.modules()]
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
    return counted[0]


def micro_batches(vae: VAE, batch_size: int) -> int:
    """In how many parts a batch is trained on a CPU: forward and backward are 6 FLOPs a product."""
    flops = 6 * products_per_image(vae) * batch_size
    return min(batch_size, max(1, math.ceil(flops / FLOPS_PER_PART)))
