"""Pictures on the device or gathered ahead, in an order that is a function of (seed, epoch)."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_studio.data.cache_file import PictureFile, blocks_of, file_behind
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.memory import free_bytes

RESIDENT_SHARE = 0.5  # of a device's free memory; the rest is for the step


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
    """The batches of a run, in order. The last batch of an epoch may be smaller.

    Pictures lie on the device where they fit (``fits``); else they are gathered one batch ahead.
    Both give the same bits. ``close`` ends the thread that gathers; asking again starts another.
    """

    def __init__(
        self,
        images_NCHW: NDArray[np.uint8],
        *,
        conditions_NK: NDArray[np.float32] | None = None,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.count = len(images_NCHW)
        self.device = device
        self.conditions = (
            None if conditions_NK is None else torch.from_numpy(conditions_NK).to(device)
        )
        self.batch_size = min(batch_size, self.count)
        self.seed = seed
        self.steps_per_epoch = -(-self.count // self.batch_size)
        self._images: Tensor | None = None
        self._ahead: Ahead | None = None
        if fits(images_NCHW, device):
            self._images = _on_device(images_NCHW, device)
        else:
            self._ahead = Ahead(images_NCHW, self.batch_size)
        self._orders: dict[int, Tensor] = {}

    @property
    def waited_s(self) -> float:
        """Seconds that ``batch`` has waited for pictures that were not gathered yet."""
        return self._ahead.waited_s if self._ahead else 0.0

    def batch(self, step: int) -> Batch:
        """The batch of a step (0-based, over all epochs); any step may be asked for."""
        chosen = self._rows(step)
        told = None if self.conditions is None else self.conditions.index_select(0, chosen)
        if self._images is not None:
            return Batch(as_floats(self._images.index_select(0, chosen)), told)
        assert self._ahead is not None
        following = self._rows(step + 1)
        pictures = self._ahead.take(step, chosen.cpu().numpy(), following.cpu().numpy())
        return Batch(as_floats(torch.from_numpy(pictures).to(self.device)), told)

    def close(self) -> None:
        """End the thread that gathers, if there is one."""
        if self._ahead:
            self._ahead.close()

    def _rows(self, step: int) -> Tensor:
        """Which pictures are in the batch of a step."""
        epoch, index = divmod(step, self.steps_per_epoch)
        if epoch not in self._orders:
            # at the end of an epoch the next one's is needed too
            self._orders = {e: order for e, order in self._orders.items() if e == epoch - 1}
            self._orders[epoch] = self._order_of(epoch)
        return self._orders[epoch][index * self.batch_size : (index + 1) * self.batch_size]

    def _order_of(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed_for(self.seed, "order", epoch))
        return torch.randperm(self.count, generator=generator).to(self.device)


class Ahead:
    """Gathers the next batch while this one is learnt from: in a thread of its own that knows numpy
    and no torch, because torch operations of two threads slow each other down, or end the process.
    """

    def __init__(self, images_NCHW: NDArray[np.uint8], batch_size: int) -> None:
        self._images, self._behind = images_NCHW, file_behind(images_NCHW)
        self._buffers = [np.empty((batch_size, *images_NCHW.shape[1:]), np.uint8) for _ in range(2)]
        self._pool: ThreadPoolExecutor | None = None
        self._coming: tuple[int, Future[NDArray[np.uint8]]] | None = None
        self.waited_s = 0.0

    def take(
        self, step: int, rows_B: NDArray[np.int64], following_B: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """The pictures of a step (B, C, H, W), to be used before the next call; those of the next
        step are gathered meanwhile. Raises StudioError when they cannot be read.
        """
        if self._coming is None or self._coming[0] != step:
            self._coming = step, self._begin(rows_B)
        pictures = self._coming[1]
        self._coming = step + 1, self._begin(following_B)
        began = time.perf_counter()
        try:
            return pictures.result()
        finally:
            self.waited_s += time.perf_counter() - began

    def close(self) -> None:
        """End the thread, once the batch it is at is done."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        self._pool = self._coming = None

    def _begin(self, rows_B: NDArray[np.int64]) -> Future[NDArray[np.uint8]]:
        self._pool = self._pool or ThreadPoolExecutor(1, "next-batch")
        self._buffers.reverse()  # one is being learnt from
        return self._pool.submit(_gathered, self._images, self._behind, rows_B, self._buffers[0])


def _gathered(
    images_NCHW: NDArray[np.uint8], behind: tuple[PictureFile, int] | None,
    rows_B: NDArray[np.int64], out_BCHW: NDArray[np.uint8],
) -> NDArray[np.uint8]:  # fmt: skip
    if behind:
        file, first = behind
        return file.read(rows_B + first, out_BCHW)
    return np.take(images_NCHW, rows_B, axis=0, out=out_BCHW[: len(rows_B)], mode="clip")


def fits(images_NCHW: NDArray[np.uint8], device: torch.device) -> bool:
    """Whether the pictures of a run lie on the device: on the CPU those in memory do, where they
    are, and those in files do not; elsewhere they may take half of what is free.
    """
    if device.type == "cpu":
        return file_behind(images_NCHW) is None
    return images_NCHW.nbytes <= RESIDENT_SHARE * free_bytes(device)


def _on_device(images_NCHW: NDArray[np.uint8], device: torch.device) -> Tensor:
    if device.type == "cpu":
        return as_tensor(images_NCHW)
    resident = torch.empty(images_NCHW.shape, dtype=torch.uint8, device=device)
    start = 0
    for block_NCHW in blocks_of(images_NCHW):  # a file need not fit into memory beside
        resident[start : start + len(block_NCHW)] = as_tensor(block_NCHW).to(device)
        start += len(block_NCHW)
    return resident


def as_tensor(images: NDArray[np.uint8]) -> Tensor:
    """The pictures as a CPU tensor: shared memory, or a copy where the array is read-only or comes
    from a file.
    """
    behind = file_behind(images) if images.ndim == 4 else None
    if behind:
        file, first = behind
        return torch.from_numpy(file.read_slice(first, first + len(images)))
    contiguous = np.ascontiguousarray(images)
    return torch.from_numpy(contiguous if contiguous.flags.writeable else contiguous.copy())


def as_floats(images: Tensor) -> Tensor:
    """uint8 pictures as fp32 in [0, 1]."""
    return images.to(torch.float32).mul_(1.0 / 255.0)
