"""Prepared pictures while they are being split: numbers of rows are moved about, no pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vae_studio.data.cache_store import Store


class Selection:
    """Some pictures of a ``store``, in any order. It stands in an ImageSet for the array (N, C, H,
    W) between a source and ``assemble``, which lays the pictures out on the disk in that order.
    """

    dtype, ndim = np.dtype(np.uint8), 4

    def __init__(self, store: Store, rows_N: NDArray[np.intp]) -> None:
        self.store, self.rows_N = store, rows_N

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)."""
        return (len(self.rows_N), *self.store.shape)

    def __len__(self) -> int:
        return len(self.rows_N)

    def __getitem__(self, order: NDArray[np.intp] | slice) -> Selection:
        return Selection(self.store, self.rows_N[order])
