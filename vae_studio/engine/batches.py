"""Pictures resident on the device, gathered in an order that is a function of (seed, epoch)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_studio.domain.seeds import seed_for


@dataclass(frozen=True)
class Batch:
    """Pictures (B, C, H, W) in [0, 1], fp32, and what they are told to show (B, K) if anything."""

    x_BCHW: Tensor
    condition_BK: Tensor | None = None

    def __len__(self) -> int:
        return len(self.x_BCHW)

    def parts(self, count: int) -> list[Batch]:
        """The same batch in ``count`` pieces of nearly equal size."""
        pictures = self.x_BCHW.chunk(count)
        if self.condition_BK is None:
            return [Batch(piece) for piece in pictures]
        return [Batch(*both) for both in zip(pictures, self.condition_BK.chunk(count), strict=True)]


class BatchStream:
    """The batches of a run, in order. The last batch of an epoch may be smaller."""

    def __init__(
        self,
        images_NCHW: NDArray[np.uint8],
        *,
        conditions_NK: NDArray[np.float32] | None = None,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.images = as_tensor(images_NCHW).to(device)
        self.conditions = (
            None if conditions_NK is None else torch.from_numpy(conditions_NK).to(device)
        )
        self.batch_size = min(batch_size, len(images_NCHW))
        self.seed = seed
        self.steps_per_epoch = -(-len(images_NCHW) // self.batch_size)
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)

    def batch(self, step: int) -> Batch:
        """The batch of a step (0-based, over all epochs); any step may be asked for."""
        epoch, index = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._order = self._order_of(epoch)
            self._epoch = epoch
        chosen = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        told = None if self.conditions is None else self.conditions.index_select(0, chosen)
        return Batch(as_floats(self.images.index_select(0, chosen)), told)

    def _order_of(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_for(self.seed, "order", epoch))
        order = torch.randperm(len(self.images), generator=generator)
        return order.to(self.images.device)


def as_tensor(images: NDArray[np.uint8]) -> Tensor:
    """The pictures as a CPU tensor: shared memory, or a copy where the array is read-only."""
    contiguous = np.ascontiguousarray(images)
    return torch.from_numpy(contiguous if contiguous.flags.writeable else contiguous.copy())


def as_floats(images: Tensor) -> Tensor:
    """uint8 pictures as fp32 in [0, 1]."""
    return images.to(torch.float32).mul_(1.0 / 255.0)
