"""Losses that stay on the device until a chunk is worth fetching."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_studio.domain.events import BatchesTrained
from vae_studio.engine.terms import Terms

CAPACITY = 1024  # batches; a chunk is fetched long before, unless a step takes 30 µs


class TermRing:
    """Collects (loss, D, R, extras) of consecutive batches without a device sync per batch."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._columns: Tensor | None = None
        self._extra_names: tuple[str, ...] = ()
        self._beta: list[float] = []
        self._lr: list[float] = []

    def __len__(self) -> int:
        return len(self._beta)

    @property
    def full(self) -> bool:
        """No room for another batch."""
        return len(self._beta) == CAPACITY

    def add(self, terms: Terms, *, beta: float, learning_rate: float) -> None:
        """Remember one batch."""
        if self._columns is None:
            self._extra_names = tuple(terms.extra)
            self._columns = torch.empty(CAPACITY, 3 + len(terms.extra), device=self._device)
        row = (terms.loss, terms.distortion, terms.rate, *terms.extra.values())
        self._columns[len(self._beta)] = torch.stack([value.detach() for value in row])
        self._beta.append(beta)
        self._lr.append(learning_rate)

    def take(self, first_step: int, images_per_second: float) -> BatchesTrained:
        """Everything collected so far, fetched at once; the ring is empty afterwards."""
        assert self._columns is not None
        table = self._columns[: len(self._beta)].cpu().numpy().copy()
        as_array = torch.tensor([self._beta, self._lr], dtype=torch.float32).numpy()
        self._beta, self._lr = [], []
        return BatchesTrained(
            first_step=first_step, loss=table[:, 0], distortion=table[:, 1], rate=table[:, 2],
            beta=as_array[0], learning_rate=as_array[1],
            extra={name: table[:, 3 + i] for i, name in enumerate(self._extra_names)},
            images_per_second=images_per_second,
        )  # fmt: skip
