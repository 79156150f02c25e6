"""All pictures of a set under one number each, to be filtered and sorted.

Shapes: N pictures of all three parts together, training pictures first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import DataSplits, Pictures

ORDERS = ("set", "class", "name")
Numbers = NDArray[np.int64]


class Album:
    """Reads the pictures of splits; nothing is copied but numbers."""

    def __init__(self, splits: DataSplits) -> None:
        self.splits = splits
        self._parts = list(splits.parts.values())
        self._starts = np.cumsum([0, *(len(part) for part in self._parts)])
        labels = [part.labels_N for part in self._parts]
        known = [labels_N for labels_N in labels if labels_N is not None]
        self._labels_N = np.concatenate(known) if len(known) == len(labels) else None

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def has_names(self) -> bool:
        """Whether the pictures are files that have names."""
        return all(part.names_N is not None for part in self._parts)

    def picture(self, number: int) -> Pictures:
        """(C, H, W) of one picture."""
        part, index = self.place(number)
        return self._parts[part].images_NCHW[index]  # type: ignore[no-any-return]

    def place(self, number: int) -> tuple[int, int]:
        """In which part (0 training, 1 held out, 2 test), and where in it."""
        part = int(np.searchsorted(self._starts, number, side="right")) - 1
        return part, number - int(self._starts[part])

    def label(self, number: int) -> str:
        """The name of its class, or an empty text."""
        if self._labels_N is None or not self.splits.class_names:
            return ""
        return self.splits.class_names[int(self._labels_N[number])]

    def name(self, number: int) -> str:
        """The file it came from, below the folder that was read, or an empty text."""
        part, index = self.place(number)
        names_N = self._parts[part].names_N
        return "" if names_N is None else str(names_N[index])

    def numbers(self, *, part: int = -1, label: int = -1, order: str = "set") -> Numbers:
        """The pictures of a part and of a class (−1: of all), in one of ORDERS."""
        low, high = (0, len(self)) if part < 0 else self._starts[part : part + 2]
        chosen = np.arange(low, high)
        if label >= 0 and self._labels_N is not None:
            chosen = chosen[self._labels_N[chosen] == label]
        if order == "class" and self._labels_N is not None:
            return chosen[np.argsort(self._labels_N[chosen], kind="stable")]
        if order == "name" and self.has_names:
            names_N = np.concatenate([part.names_N for part in self._parts])  # type: ignore[misc]
            return chosen[np.argsort(names_N[chosen], kind="stable")]
        return chosen
