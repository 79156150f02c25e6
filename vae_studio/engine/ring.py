"""Losses that stay on the device until a chunk is worth fetching."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vae_studio.domain.events import BatchesTrained
from vae_studio.engine.objective import Setting
from vae_studio.engine.terms import Terms

CAPACITY = 1024  # batches; a chunk is fetched long before, unless a step takes 30 µs


class TermRing:
    """Collects (loss, D, R, extras) of consecutive batches without a device sync per batch."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._columns: Tensor | None = None
        self._extra_names: tuple[str, ...] = ()
        self._in_force: list[dict[str, float]] = []

    def __len__(self) -> int:
        return len(self._in_force)

    @property
    def full(self) -> bool:
        """No room for another batch."""
        return len(self) == CAPACITY

    def add(self, terms: Terms, at: Setting, learning_rate: float, *, capacity: bool) -> None:
        """Remember one batch; ``capacity`` says whether its objective looks at the capacity."""
        if self._columns is None:
            self._extra_names = tuple(terms.extra)
            self._columns = torch.empty(CAPACITY, 3 + len(terms.extra), device=self._device)
        row = (terms.loss, terms.distortion, terms.rate, *terms.extra.values())
        self._columns[len(self)] = torch.stack([value.detach() for value in row])
        in_force = {"beta": at.beta, "learning_rate": learning_rate, "temperature": at.temperature}
        self._in_force.append(in_force | ({"capacity": at.capacity} if capacity else {}))

    def drop(self, count: int) -> None:
        """Forget the last ``count`` batches: they were not applied."""
        del self._in_force[len(self) - count :]

    def take(self, first_step: int, images_per_second: float) -> BatchesTrained:
        """Everything collected so far, fetched at once; the ring is empty afterwards.

        A temperature of 1 all along is the ELBO's own and not worth a column.
        """
        assert self._columns is not None
        table = self._columns[: len(self)].cpu().numpy().copy()
        in_force = {
            name: np.array([values[name] for values in self._in_force], np.float32)
            for name in self._in_force[0]
        }
        self._in_force = []
        if (in_force["temperature"] == 1.0).all():
            del in_force["temperature"]
        return BatchesTrained(
            first_step=first_step, loss=table[:, 0], distortion=table[:, 1], rate=table[:, 2],
            beta=in_force.pop("beta"), learning_rate=in_force.pop("learning_rate"),
            extra={name: table[:, 3 + i] for i, name in enumerate(self._extra_names)} | in_force,
            images_per_second=images_per_second,
        )  # fmt: skip
