"""The curves of a run, kept whole, read at the width of the screen.

Every series is stored once and summarised in levels that halve (minimum, maximum, mean and count of
pairs), so reading any window at any width costs the same however long the run is. A hole (NaN)
counts for nothing: a bucket is NaN only where every value in it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_ROWS = 4


@dataclass(frozen=True, eq=False)
class Envelope:
    """A window of a series at screen width: steps (n,), lowest, highest and mean value (n,).

    ``steps`` are the middles of the buckets; a bucket at the rim may reach over it.
    """

    steps: NDArray[np.float64]
    low: Floats
    high: Floats
    mean: Floats


class Series:
    """One value per step, from step ``first`` on, without holes (a hole is NaN)."""

    def __init__(self) -> None:
        # rows: lowest, highest, mean, and over how many values
        self._levels: list[NDArray[np.float32]] = [np.empty((_ROWS, 1024), np.float32)]
        self._counts = [0]

    def __len__(self) -> int:
        return self._counts[0]

    def append(self, values: Floats) -> None:
        """Add values (n,) after the last one: amortised constant time per value."""
        new = np.asarray(values, np.float32)
        with np.errstate(invalid="ignore"):  # a run that explodes has infinities
            self._extend(0, np.stack([new, new, new, ~np.isnan(new)]))

    def last(self) -> float:
        """The newest value; NaN when there is none."""
        return float(self._levels[0][0, self._counts[0] - 1]) if self._counts[0] else float("nan")

    def values(self, start: int = 0, stop: int | None = None) -> Floats:
        """The exact values of a window (a view: do not write to it)."""
        return self._levels[0][0, start : self._counts[0] if stop is None else stop]

    def envelope(self, start: float, stop: float, width_px: int) -> Envelope:
        """Minimum, maximum and mean per bucket of the window [start, stop), ≤ 2·width_px + 2."""
        count = self._counts[0]
        first = int(np.clip(np.floor(start), 0, count))
        end = int(np.clip(np.ceil(stop), first, count))
        level = 0
        while (end - first) >> level > 2 * max(1, width_px) and level + 1 < len(self._levels):
            level += 1
        past_end = (end + (1 << level) - 1) >> level
        low_at, high_at = first >> level, min(self._counts[level], past_end)
        low, high, mean = self._levels[level][:3, low_at:high_at]
        half = ((1 << level) - 1) / 2
        steps = np.arange(low_at, low_at + len(low), dtype=np.float64) * (1 << level) + half
        return self._with_tail(Envelope(steps, low, high, mean), level, low_at + len(low), end)

    def _with_tail(self, window: Envelope, level: int, done: int, end: int) -> Envelope:
        """Values too new to fill a bucket of ``level`` yet are summarised as one last bucket."""
        first = done << level
        if level == 0 or first >= min(end, self._counts[0]):
            return window
        tail = self.values(first, end)
        known = tail[~np.isnan(tail)]
        if not len(known):
            known = tail[:1]  # a hole
        return Envelope(
            np.append(window.steps, (first + end - 1) / 2),
            np.append(window.low, known.min()),
            np.append(window.high, known.max()),
            np.append(window.mean, known.mean(dtype=np.float64).astype(np.float32)),
        )

    def _extend(self, level: int, new: NDArray[np.float32]) -> None:
        if level == len(self._levels):
            self._levels.append(np.empty((_ROWS, 1024), np.float32))
            self._counts.append(0)
        count, grown = self._counts[level], self._counts[level] + new.shape[1]
        if grown > self._levels[level].shape[1]:
            roomy = np.empty((_ROWS, max(grown, 2 * self._levels[level].shape[1])), np.float32)
            roomy[:, :count] = self._levels[level][:, :count]
            self._levels[level] = roomy
        self._levels[level][:, count:grown] = new
        self._counts[level] = grown
        pairs_done, pairs = count // 2, grown // 2
        if pairs > pairs_done:
            self._extend(level + 1, _paired(self._levels[level][:, 2 * pairs_done : 2 * pairs]))


def _paired(buckets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Buckets (4, 2n) joined two by two: (4, n)."""
    left, right = buckets[:, 0::2], buckets[:, 1::2]
    joined = np.empty_like(left, order="C")
    np.fmin(left[0], right[0], out=joined[0])
    np.fmax(left[1], right[1], out=joined[1])
    np.add(left[3], right[3], out=joined[3])
    share = right[3] / np.maximum(joined[3], 1.0)
    np.add((1.0 - share) * left[2], share * right[2], out=joined[2])
    holes = (left[3] == 0) | (right[3] == 0)
    if holes.any():
        joined[2][holes] = np.where(left[3] == 0, right[2], left[2])[holes]
    return joined


class MetricHistory:
    """The owner of all curves: named series over the same steps, and sparse validation points."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self.validation_steps: list[int] = []
        self.validation: dict[str, list[float]] = {}

    def __len__(self) -> int:
        return max((len(series) for series in self._series.values()), default=0)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the per-batch series."""
        return tuple(self._series)

    def series(self, name: str) -> Series:
        """The series called ``name``, made empty when it is new."""
        return self._series.setdefault(name, Series())

    def append(self, first_step: int, values: dict[str, Floats]) -> None:
        """Add a chunk of batches; a gap before ``first_step`` is NaN, an overlap is dropped."""
        for name, new in values.items():
            series = self.series(name)
            gap = first_step - len(series)
            if gap > 0:
                series.append(np.full(gap, np.nan, np.float32))
            series.append(np.asarray(new, np.float32)[max(0, -gap) :])

    def append_validation(self, step: int, values: dict[str, float]) -> None:
        """Add one validation point; a name that is missing at one point is NaN there."""
        before = len(self.validation_steps)
        self.validation_steps.append(step)
        for name in values:
            self.validation.setdefault(name, [float("nan")] * before)
        for name, column in self.validation.items():
            column.append(values.get(name, float("nan")))
