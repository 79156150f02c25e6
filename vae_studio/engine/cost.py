"""What a network costs, counted rather than timed: the answer is the same on every machine."""

from __future__ import annotations

import math

from vae_studio.engine.layers import layers_of
from vae_studio.engine.vae import VAE

#: A step is cut into parts that a modest CPU (100 GFLOP/s) finishes in 50 ms, so that a pointer
#: request never waits longer. Counted, not timed: timing would let a busy machine change the bits.
FLOPS_PER_PART = 5e9


def micro_batches(vae: VAE, batch_size: int, *, codes: int = 1) -> int:
    """In how many parts a batch is trained on a CPU, ``codes`` codes of each picture decoded."""
    flops = layers_of(vae).training_flops(codes) * batch_size
    return min(batch_size, max(1, math.ceil(flops / FLOPS_PER_PART)))
