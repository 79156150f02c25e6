"""The curves of a run, kept whole, read at the width of the screen.

Every series is stored once and summarised in levels that halve (minimum, maximum, mean of pairs),
so reading any window at any width costs the same however long the run is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Envelope:
    """A window of a series at screen width: steps (n,), lowest, highest and mean value (n,)."""

    steps: NDArray[np.float64]
    low: Floats
    high: Floats
    mean: Floats


class Series:
    """One value per step, from step ``first`` on, without holes (a hole is NaN)."""

    def __init__(self) -> None:
        self._levels: list[NDArray[np.float32]] = [np.empty((3, 1024), np.float32)]
        self._counts = [0]

    def __len__(self) -> int:
        return self._counts[0]

    def append(self, values: Floats) -> None:
        """Add values (n,) after the last one: amortised constant time per value."""
        new = np.broadcast_to(np.asarray(values, np.float32), (3, len(values)))
        self._extend(0, new)

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
        low_at, high_at = first >> level, min(self._counts[level], (end >> level) + 1)
        low, high, mean = self._levels[level][:, low_at:high_at]
        half = ((1 << level) - 1) / 2
        steps = np.arange(low_at, low_at + len(low), dtype=np.float64) * (1 << level) + half
        return self._with_tail(Envelope(steps, low, high, mean), level, low_at + len(low), end)

    def _with_tail(self, window: Envelope, level: int, done: int, end: int) -> Envelope:
        """Values too new to fill a bucket of ``level`` yet are summarised as one last bucket."""
        first = done << level
        if level == 0 or first >= min(end, self._counts[0]):
            return window
        tail = self.values(first, end)
        return Envelope(
            np.append(window.steps, (first + end - 1) / 2),
            np.append(window.low, np.float32(tail.min())),
            np.append(window.high, np.float32(tail.max())),
            np.append(window.mean, np.float32(tail.mean())),
        )

    def _extend(self, level: int, new: NDArray[np.float32]) -> None:
        if level == len(self._levels):
            self._levels.append(np.empty((3, 1024), np.float32))
            self._counts.append(0)
        count, grown = self._counts[level], self._counts[level] + new.shape[1]
        if grown > self._levels[level].shape[1]:
            roomy = np.empty((3, max(grown, 2 * self._levels[level].shape[1])), np.float32)
            roomy[:, :count] = self._levels[level][:, :count]
            self._levels[level] = roomy
        self._levels[level][:, count:grown] = new
        self._counts[level] = grown
        pairs_done, pairs = count // 2, grown // 2
        if pairs > pairs_done:
            low, high, mean = self._levels[level][:, 2 * pairs_done : 2 * pairs].reshape(
                3, pairs - pairs_done, 2
            )
            self._extend(level + 1, np.stack([low.min(1), high.max(1), mean.mean(1)]))


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
        """Add a chunk of batches; a gap before ``first_step`` becomes NaN, an overlap is dropped."""
        for name, new in values.items():
            series = self.series(name)
            gap = first_step - len(series)
            if gap > 0:
                series.append(np.full(gap, np.nan, np.float32))
            series.append(np.asarray(new, np.float32)[max(0, -gap) :])

    def append_validation(self, step: int, values: dict[str, float]) -> None:
        """Add one validation point."""
        self.validation_steps.append(step)
        for name, value in values.items():
            self.validation.setdefault(name, []).append(value)
