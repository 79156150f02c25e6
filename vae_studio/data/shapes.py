"""Pictures drawn from known factors: shape, size, place, and if wished rotation and hue.

The smaller sister of dSprites (Matthey et al. 2017, https://github.com/google-deepmind/dsprites-dataset),
made so that disentanglement can be measured on a laptop. Every combination of values is another
picture: rotations stay below 90°, where even a square looks different at each.

Every shape is drawn once for each size, rotation and hue in the middle of a stencil and cut out
where its place asks for it: places are whole pixels apart, so a cut is exact and costs one copy.

Shapes: N pictures, C channels (1 grey, 3 RGB), H rows, W columns, F factors.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import Factor, Factors, Pictures

SIDES = (32, 64)
SHAPES = ("square", "ellipse", "heart")
SIZES, PLACES, ROTATIONS, HUES = 6, 16, 8, 8
RADII = (4.0, 8.0)  # of the circle around the smallest and the largest shape, in 1/32 of the side
FIRST_PLACE = 8.5  # middle of the leftmost shape, in 1/32 of the side: the largest just fits
STENCIL = 47  # side of a stencil in 1/32 of the picture's: the picture and all places beside it
SAMPLES = 8  # along each side of a pixel: 64 shades at an edge


@dataclass(frozen=True)
class ShapeWorld:
    """Which factors vary, and how large the pictures are: ``side`` (32 or 64) pixels, RGB when
    hues vary. ``correlated`` (0 to below 1) is the correlation of x and y in ``sample``.
    """

    side: int = 32
    rotation: bool = False
    colour: bool = False
    correlated: float = 0.0

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors in the order of their columns."""
        always = (Factor("shape", len(SHAPES)), Factor("size", SIZES),
                  Factor("x", PLACES), Factor("y", PLACES))  # fmt: skip
        turns = (Factor("rotation", ROTATIONS),) if self.rotation else ()
        return always + turns + ((Factor("hue", HUES),) if self.colour else ())

    @property
    def combinations(self) -> int:
        """How many different pictures there are."""
        return int(np.prod([factor.size for factor in self.factors]))

    def draw(self, factors_NF: Factors) -> Pictures:
        """The pictures (N, C, H, W) with these values; ValueError for values that do not exist."""
        self._check(factors_NF)
        shape, size, x, y = factors_NF[:, :4].T
        sizes = [factor.size for factor in self.factors if factor.name not in ("x", "y")]
        looks_N = np.ravel_multi_index((shape, size, *factors_NF[:, 4:].T), sizes)
        # a window that starts further left in its stencil shows the shape further right
        step = self.side // 32
        top_N, left_N = step * (PLACES - 1 - y), step * (PLACES - 1 - x)
        windows = _windows(self.side, ROTATIONS if self.rotation else 1, self.colour)
        return np.ascontiguousarray(windows[looks_N, :, top_N, left_N])

    def sample(self, count: int, draw: np.random.Generator) -> Factors:
        """Values (count, F). Uncorrelated: combinations that all differ, as far as there are so
        many. Correlated: x and y from a Gaussian copula, all others uniform; each by itself stays
        uniform (as in Träuble et al. 2021, arXiv 2006.07886, but for the even margins).
        """
        sizes = [factor.size for factor in self.factors]
        if not self.correlated:
            numbers_N = draw.permutation(self.combinations)[:count]
            return np.stack(np.unravel_index(numbers_N, sizes), axis=1).astype(np.int64)
        factors_NF = draw.integers(0, sizes, (count, len(sizes)))
        factors_NF[:, 2:4] = _correlated_places(self.correlated, count, draw)
        return factors_NF

    def numbers_of(self, factors_NF: Factors) -> NDArray[np.int64]:
        """The number (N,) of each combination, 0 to ``combinations`` − 1."""
        sizes = [factor.size for factor in self.factors]
        return np.ravel_multi_index(tuple(factors_NF.T), sizes).astype(np.int64)

    def _check(self, factors_NF: Factors) -> None:
        sizes_F = [factor.size for factor in self.factors]
        if factors_NF.ndim != 2 or factors_NF.shape[1] != len(sizes_F):
            raise ValueError(f"factors must be (N, {len(sizes_F)}), not {factors_NF.shape}")
        if ((factors_NF < 0) | (factors_NF >= sizes_F)).any():
            raise ValueError(f"factors must lie in 0 to {sizes_F} − 1")


def _correlated_places(
    correlation: float, count: int, draw: np.random.Generator
) -> NDArray[np.int64]:
    """Pairs (count, 2) of places, each uniform, with about this Pearson correlation.

    Uniform variables made of normal ones with correlation ρ correlate by (6/π) asin(ρ/2)
    (K. Pearson 1907), which is solved for ρ here.
    """
    rho = 2 * np.sin(np.pi * correlation / 6)
    first_N, other_N = draw.standard_normal((2, count))
    pairs_N2 = np.stack([first_N, rho * first_N + np.sqrt(1 - rho**2) * other_N], axis=1)
    edges = [NormalDist().inv_cdf(place / PLACES) for place in range(1, PLACES)]
    return np.searchsorted(edges, pairs_N2)


@lru_cache(maxsize=4)
def _windows(side: int, turns: int, colour: bool) -> Pictures:
    """Every cut (K, C, top, left, H, W) of every stencil, as a view. Stencils are numbered by
    shape, size, turn and hue in this order.
    """
    scale = side // 32
    stencils_KTT = np.stack([
        _stencil(shape, radius * scale, np.pi / 2 * turn / ROTATIONS, scale)
        for shape in SHAPES
        for radius in np.linspace(*RADII, SIZES)
        for turn in range(turns)
    ])  # fmt: skip
    stencils_KCTT = _coloured(stencils_KTT) if colour else stencils_KTT[:, None]
    return np.lib.stride_tricks.sliding_window_view(stencils_KCTT, (side, side), axis=(2, 3))


def _coloured(stencils_KTT: Pictures) -> Pictures:
    """Each white stencil in every hue, as RGB."""
    count, side = len(stencils_KTT), stencils_KTT.shape[1]
    coloured = np.empty((count, HUES, 3, side, side), np.uint8)
    for hue in range(HUES):
        for channel, share in enumerate(colorsys.hsv_to_rgb(hue / HUES, 1, 1)):
            coloured[:, hue, channel] = np.rint(stencils_KTT * np.float32(share))
    return coloured.reshape(count * HUES, 3, side, side)


def _stencil(shape: str, radius: float, angle: float, scale: int) -> Pictures:
    """One shape, white on black, in the middle of a square stencil; turned counter-clockwise."""
    whole, reach = STENCIL * scale, int(np.ceil(RADII[1])) * scale + 1
    middle = whole / 2
    low = int(middle) - reach
    width = whole - 2 * low  # nothing lies outside this square
    at = ((np.arange(width * SAMPLES) + 0.5) / SAMPLES - width / 2) / radius
    right, up = at[None, :], -at[:, None]
    u = np.cos(angle) * right + np.sin(angle) * up
    v = np.cos(angle) * up - np.sin(angle) * right
    inside = _INSIDE[shape](u, v).reshape(width, SAMPLES, width, SAMPLES)
    stencil = np.zeros((whole, whole), np.uint8)
    covered = np.rint(255 * inside.mean(axis=(1, 3)))
    stencil[low : low + width, low : low + width] = covered
    return stencil


def _in_square(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    return np.maximum(abs(u), abs(v)) <= np.sqrt(0.5)


def _in_ellipse(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    return u**2 + (2 * v) ** 2 <= 1


def _in_heart(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    u, v = 1.31 * u, 1.31 * v + 0.12  # Taubin's heart, centred and shrunk into the unit circle
    return (u**2 + v**2 - 1) ** 3 <= u**2 * v**3


_INSIDE = {"square": _in_square, "ellipse": _in_ellipse, "heart": _in_heart}
assert tuple(_INSIDE) == SHAPES
