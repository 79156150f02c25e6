"""Encoded pictures as the canvas needs them: where they fall on a plane, which one is nearest.

Shapes: N codes of D units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.plane import LatentPlane
from vae_studio.domain.reports import CodesEncoded

Floats = NDArray[np.float32]
Reals = NDArray[np.float64]
GOLDEN = 0.6180339887  # spreads points evenly inside a lane, the same ones at every frame
LANES = (2.7, -2.2)  # top and bottom, above the row of tiles


@dataclass(frozen=True)
class Neighbour:
    """An encoded picture near a code: its place in the test set, its class, how far it is."""

    index: int
    label: int | None
    distance: float


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Posterior means and σ (N, D) with classes (N,), −1 where there are none."""

    mean_ND: Floats
    sigma_ND: Floats
    labels_N: NDArray[np.int64]
    labelled: bool

    @classmethod
    def of(cls, codes: CodesEncoded) -> PointCloud:
        """The cloud of a report."""
        labels = codes.labels_N
        if labels is None:
            return cls(codes.mean_ND, codes.sigma_ND, np.full(len(codes.mean_ND), -1), False)
        return cls(codes.mean_ND, codes.sigma_ND, labels, True)

    def __len__(self) -> int:
        return len(self.mean_ND)

    def on(self, plane: LatentPlane) -> Reals:
        """Where the means fall on ``plane`` (N, 2). On a line, v sorts them into class lanes."""
        uv_N2 = plane.coordinates_of(self.mean_ND).astype(np.float64)
        if not plane.up_D.any():
            lanes = int(self.labels_N.max(initial=0)) + 1
            jitter_N = (np.arange(len(self)) * GOLDEN) % 1.0 * 0.7 - 0.35
            lane_N = np.maximum(self.labels_N, 0) + 0.5 + jitter_N
            uv_N2[:, 1] = LANES[0] + (LANES[1] - LANES[0]) * lane_N / lanes
        return uv_N2

    def nearest(self, code_D: Floats, shown_N: NDArray[np.bool_]) -> Neighbour | None:
        """The shown picture whose mean is nearest in the whole code space; None if none is."""
        if not shown_N.any():
            return None
        away_ND = self.mean_ND - code_D
        squared_N = np.einsum("nd,nd->n", away_ND, away_ND)  # not BLAS: one thread, this one
        squared_N = np.where(shown_N, squared_N, np.inf)
        index = int(squared_N.argmin())
        label = int(self.labels_N[index]) if self.labelled else None
        return Neighbour(index, label, float(np.sqrt(squared_N[index])))

    def spread(self, index: int, plane: LatentPlane) -> tuple[float, float]:
        """Posterior σ of one picture along the plane's two directions."""
        sigma_D = self.sigma_ND[index].astype(np.float64)
        return (
            float(np.sqrt(((sigma_D * plane.across_D) ** 2).sum())),
            float(np.sqrt(((sigma_D * plane.up_D) ** 2).sum())),
        )
