"""Running out of memory: how each device says so, and copies of tensors to go back to."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

#: Devices and libraries without an exception of their own say it in the text of a RuntimeError.
_SIGNS = ("out of memory", "not enough memory", "allocate memory", "alloc_failed", "bad_alloc")


def is_out_of_memory(wrong: BaseException) -> bool:
    """Whether an exception says that the device (or this computer) has no memory left."""
    if isinstance(wrong, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(wrong).lower()
    return isinstance(wrong, RuntimeError) and any(sign in text for sign in _SIGNS)


def release_unused(device: torch.device) -> None:
    """Give back what the device's allocator holds but nobody uses: in pieces it is of no use."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def free_bytes(device: torch.device) -> int:
    """Memory of an accelerator that nobody uses; 0 where it does not tell."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return 0


class Kept:
    """Copies of living tensors, on their own device, to put back or to save later."""

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        self._living = [tensor.detach() for tensor in tensors]
        self.copies = [tensor.clone() for tensor in self._living]

    @torch.no_grad()
    def keep(self) -> None:
        """Copy the tensors as they are now."""
        if self._living:
            torch._foreach_copy_(self.copies, self._living)

    @torch.no_grad()
    def restore(self) -> None:
        """Make the tensors what they were when they were kept."""
        if self._living:
            torch._foreach_copy_(self._living, self.copies)

    @torch.no_grad()
    def restore_if(self, bad: Tensor) -> None:
        """Restore where ``bad`` (0-d) is not zero; the device decides, and nobody waits for it."""
        for living, copy in zip(self._living, self.copies, strict=True):
            living.copy_(torch.where(bad > 0, copy, living))
