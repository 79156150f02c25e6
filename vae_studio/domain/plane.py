"""A 2-D slice of code space; the widget that shows it is ``ui.widgets.latent_canvas``.

Shapes: ``D`` units, ``N`` codes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LatentPlane:
    """``code(u, v) = origin + u · across + v · up`` with orthonormal ``across`` and ``up``.

    For a model with one unit ``up_D`` is all zeros: the plane is then a line.
    """

    origin_D: Floats
    across_D: Floats
    up_D: Floats
    labels: tuple[str, str]

    @classmethod
    def of_units(cls, first: int, second: int, others_D: Floats) -> LatentPlane:
        """The plane of two units; every other unit keeps its value in ``others_D``."""
        units = len(others_D)
        if not (0 <= first < units and 0 <= second < units):
            raise ValueError(f"units {first} and {second} are not both among {units}")
        origin = np.array(others_D, dtype=np.float32)
        across, up = np.zeros((2, units), dtype=np.float32)
        across[first] = 1.0
        origin[first] = 0.0
        if second != first:
            up[second] = 1.0
            origin[second] = 0.0
        return cls(origin, across, up, (unit_label(first), unit_label(second)))

    @property
    def units(self) -> int:
        """How many units the code space has."""
        return len(self.origin_D)

    def code_at(self, u: float, v: float) -> Floats:
        """The code (D,) under the point (u, v) of the plane."""
        return (self.origin_D + u * self.across_D + v * self.up_D).astype(np.float32)

    def coordinates_of(self, codes_ND: Floats) -> Floats:
        """Where codes (N, D) fall on the plane: (N, 2), by orthogonal projection."""
        axes_D2 = np.stack([self.across_D, self.up_D], axis=1)
        offsets_ND = np.asarray(codes_ND, dtype=np.float32) - self.origin_D
        return (offsets_ND @ axes_D2).astype(np.float32, copy=False)

    def grid(self, rows: int, columns: int, extent: tuple[float, float, float, float]) -> Floats:
        """Codes (rows · columns, D) at the *centres* of a grid's cells, top row first.

        ``extent`` is (left, right, bottom, top) in plane coordinates.
        """
        left, right, bottom, top = extent
        u = left + (np.arange(columns) + 0.5) * (right - left) / columns
        v = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
        uv_N2 = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
        codes = self.origin_D + uv_N2[:, :1] * self.across_D + uv_N2[:, 1:] * self.up_D
        return codes.astype(np.float32)


def unit_label(unit: int) -> str:
    """``z₁`` for unit 0: people count from one."""
    return "z" + str(unit + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
