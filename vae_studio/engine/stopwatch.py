"""Seconds of training, with pauses left out."""

from __future__ import annotations

import time


class Stopwatch:
    """Counts the time between laps, and a smoothed rate over the recent ones."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._last = time.perf_counter()
        self._rate = 0.0
        self._images = 0
        self._rate_seconds = 0.0

    def lap(self, images: int = 0) -> None:
        """A batch of ``images`` (0: a slice of an evaluation) is over."""
        now = time.perf_counter()
        self.seconds += now - self._last
        if images:
            self._rate_seconds += now - self._last
            self._images += images
        self._last = now

    def restart(self) -> None:
        """Forget the time since the last lap: a pause lies between."""
        self._last = time.perf_counter()

    @property
    def since_report_s(self) -> float:
        """Training seconds since ``images_per_second`` was last asked."""
        return self._rate_seconds

    def images_per_second(self) -> float:
        """Pictures per second of training, smoothed over about the last ten calls."""
        if self._rate_seconds > 0:
            newest = self._images / self._rate_seconds
            self._rate = newest if self._rate == 0 else 0.9 * self._rate + 0.1 * newest
        self._images, self._rate_seconds = 0, 0.0
        return self._rate
