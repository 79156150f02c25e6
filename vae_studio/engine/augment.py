"""Training pictures varied a little, another way at every step: a function of (seed, step) alone.

Shapes: B pictures, C channels, H rows, W columns, in [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from vae_studio.domain.config import DataConfig
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.batches import Batch


class Augment:
    """What ``config`` wishes, applied to a batch; nothing at all where it wishes nothing.

    A resumed run sees what the uninterrupted one would have seen. Validation and test pictures
    never come here.
    """

    def __init__(self, config: DataConfig, *, seed: int, device: torch.device) -> None:
        self._flip = config.augment_flip
        self._shift_px = config.augment_shift
        self._angle = math.radians(config.augment_rotate)
        self._noise = config.augment_noise
        self._seed = seed
        self._device = device
        self._moves = self._flip or self._shift_px > 0 or self._angle > 0

    def __call__(self, batch: Batch, step: int) -> Batch:
        """The batch of ``step`` as it is learnt from."""
        if not (self._moves or self._noise):
            return batch
        generator = torch.Generator(self._device)
        generator.manual_seed(seed_for(self._seed, "augment", step))
        x_BCHW = batch.x_BCHW
        if self._moves:
            x_BCHW = self._moved(x_BCHW, generator)
        if self._noise:
            noise = torch.randn(x_BCHW.shape, generator=generator, device=self._device)
            x_BCHW = torch.add(x_BCHW, noise, alpha=self._noise).clamp_(0.0, 1.0)
        return replace(batch, x_BCHW=x_BCHW)

    def _moved(self, x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
        """Mirrored, turned about the middle and shifted, bilinear; beyond the edge as at the edge.

        A shift is of whole pixels, so that without a turn no pixel is blurred.
        """
        count, _, height, width = x_BCHW.shape
        lots = torch.rand(4, count, 1, 1, generator=generator, device=self._device) * 2 - 1
        mirror = torch.where(lots[0] < 0, -1.0, 1.0) if self._flip else torch.ones_like(lots[0])
        angle = lots[1] * self._angle
        most = self._shift_px
        steps = ((lots[2:] + 1) / 2 * (2 * most + 1)).floor() - most
        down, right = steps.clamp(max=most)  # a lot just below its end may round up to it
        y_H1 = torch.arange(height, device=self._device)[:, None] - (height - 1) / 2
        x_W = torch.arange(width, device=self._device) - (width - 1) / 2
        y_BHW, x_BHW = y_H1 - down, (x_W - right) * mirror
        across = x_BHW * angle.cos() - y_BHW * angle.sin()
        along = x_BHW * angle.sin() + y_BHW * angle.cos()
        # clamped here, because not every device can repeat the edge itself
        across = across.clamp(-(width - 1) / 2, (width - 1) / 2) * (2 / width)
        along = along.clamp(-(height - 1) / 2, (height - 1) / 2) * (2 / height)
        grid_BHW2 = torch.stack([across, along], dim=-1)
        return grid_sample(x_BCHW, grid_BHW2, mode="bilinear", align_corners=False)
