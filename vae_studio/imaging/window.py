"""Window and level: which grey values of a deep picture are shown from black to white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Window:
    """``level`` is the value in the middle, ``width`` (above 0) the distance from black to white,
    both in the units of the file (Hounsfield units for CT).
    """

    width: float
    level: float

    def applied(self, values: NDArray) -> NDArray[np.uint8]:
        """The values as bytes: what lies below or above the window becomes black or white, and so
        do values that are not finite.
        """
        share = (values.astype(np.float64) - (self.level - self.width / 2)) / self.width
        clean = np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0)
        return np.rint(np.clip(clean, 0.0, 1.0) * 255).astype(np.uint8)
