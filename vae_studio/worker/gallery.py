"""The live pictures of the model in hand: which is due, and one slice of it at a time."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from vae_studio.domain.reports import TilesWanted
from vae_studio.worker import views
from vae_studio.worker.holding import Holding
from vae_studio.worker.pace import (
    CODES,
    KINDS,
    RECONSTRUCTIONS,
    SAMPLES,
    TILES,
    SliceSize,
    ViewPace,
)


class Gallery:
    """Makes tiles, codes, reconstructions and samples, paced so that training hardly notices."""

    def __init__(self) -> None:
        self.pace = ViewPace()
        self._tiles: TilesWanted | None = None
        self._samples = (32, 0, 1.0)
        self._sizes = {kind: SliceSize() for kind in KINDS}
        self._work: Generator[None, None, Any] | None = None
        self._spent_s = 0.0

    def want_tiles(self, wanted: TilesWanted) -> None:
        """From now on, tiles of this plane."""
        self._tiles = wanted
        self.pace.want(TILES)

    def want_samples(self, count: int, seed: int, temperature: float) -> None:
        """From now on, these samples."""
        self._samples = (count, seed, temperature)
        self.pace.want(SAMPLES)

    def model_changed(self, holding: Holding | None) -> None:
        """Another model: drop the work under way and make everything anew."""
        self._work = None
        self.pace.forget()
        if holding is not None:
            same = self._tiles and self._tiles.plane.units == holding.probe.vae.units
            self._tiles = self._tiles if same else None
            self.pace.want(CODES, RECONSTRUCTIONS, SAMPLES, *([TILES] if same else []))

    def turn(self, holding: Holding, *, training: bool) -> tuple[bool, Any]:
        """One slice. (whether there was something to do, the finished report or None)."""
        # this thread's own time: a busy machine must not make the pictures look dear
        began = time.thread_time()
        if self._work is None:
            kind = self.pace.next_kind(time.perf_counter(), training=training)
            self._work = self._start(kind, holding) if kind else None
            self._spent_s = 0.0
            if self._work is None:
                return False, None
        try:
            next(self._work)
            report = None
        except StopIteration as done:
            self._work, report = None, done.value
        self._spent_s += time.thread_time() - began
        if self._work is None:
            self.pace.charge(self._spent_s, time.perf_counter())
        return True, report

    def _start(self, kind: str, holding: Holding) -> Generator[None, None, Any] | None:
        size = self._sizes[kind]
        if kind == TILES:
            return views.tiles(holding, self._tiles, size) if self._tiles else None
        if kind == CODES:
            return views.codes(holding, size)
        if kind == RECONSTRUCTIONS:
            return views.reconstructions(holding, size)
        return views.samples(holding, *self._samples, size)
