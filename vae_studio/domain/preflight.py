"""What a look at all pictures before training found, as it crosses to the window.

Shapes: K classes; pictures are uint8 (H, W, C) with C = 1 (grey) or 3 (RGB).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = Literal["info", "warning"]


@dataclass(frozen=True)
class Part:
    """One of the three sets: how many pictures, how many of each class, and the SHA-256 (hex) over
    the pictures and labels in their order.
    """

    name: str
    pictures: int
    classes_K: tuple[int, ...]
    sha256: str


@dataclass(frozen=True)
class Copies:
    """Pictures that are there more than once, to the byte.

    ``extra`` are the copies beyond the first within each part, by its name; ``test_in_train`` and
    ``validation_in_train`` how many pictures of these parts were learnt from; ``under_two_classes``
    how many pictures have a copy of another class. ``examples`` name pairs of files, where files
    have names.
    """

    extra: dict[str, int]
    test_in_train: int
    validation_in_train: int
    under_two_classes: int
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """Copies within a part, over all parts."""
        return sum(self.extra.values())


@dataclass(frozen=True)
class Files:
    """What the headers of files say, before anything is resized: how many were looked at, of how
    many, and the commonest sizes ("178 × 218") and kinds ("JPEG, RGB, 8 bit") with their counts.
    """

    looked_at: int
    of: int
    sizes: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Advice:
    """A sentence with the number it rests on."""

    level: Level
    sentence: str


@dataclass(frozen=True, eq=False)
class Preflight:
    """Everything found. ``histogram`` (256,) counts the values of the training pictures, and
    ``mean`` (H, W, C) is their mean; ``uniform`` are pictures of a single value.
    """

    dataset: str
    title: str
    shape: tuple[int, int, int]
    parts: tuple[Part, ...]
    class_names: tuple[str, ...]
    histogram: NDArray[np.int64]
    mean: NDArray[np.uint8]
    copies: Copies
    uniform: int
    files: Files
    notes: tuple[str, ...]
    caveat: str
    seconds: float
    advice: tuple[Advice, ...] = ()

    @property
    def pictures(self) -> int:
        """In all parts."""
        return sum(part.pictures for part in self.parts)

    @property
    def between(self) -> float:
        """The share of values that are neither black nor white: more than 0.05 from both."""
        edge = round(0.05 * 255)
        inner = self.histogram[edge : 256 - edge].sum()
        return float(inner / max(1, self.histogram.sum()))
