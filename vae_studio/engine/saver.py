"""Which checkpoints a run writes: one now and then, and the best, which is found before it is
known to stay the best: it is kept in memory until the next one is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from vae_studio.domain.events import CheckpointSaved, Event
from vae_studio.engine.checkpoint import Arrays, as_arrays
from vae_studio.engine.memory import Kept
from vae_studio.engine.recorder import Recorder, kept
from vae_studio.runs.manifest import Kind


@dataclass(frozen=True)
class Moment:
    """What belongs to a checkpoint beside its tensors."""

    step: int
    seconds: float
    lines: int  # of the metrics before it
    best: float | None

    @property
    def scalars(self) -> dict[str, Any]:
        """As a checkpoint holds them."""
        return {"seconds": self.seconds, "best": self.best}


class Saver:
    """Saves the living ``tensors`` of a run. ``best`` is the lowest held-out NELBO (nats per
    image) at a settled objective, None before there was one.
    """

    def __init__(self, tensors: Mapping[str, Tensor], best: float | None = None) -> None:
        self._tensors = tensors
        self.best = best
        self._copy: Kept | None = None  # made for the first best
        self._pending: Moment | None = None

    def consider(self, nelbo: float, step: int, seconds: float, recorder: Recorder) -> None:
        """Keep the tensors as they are if no validation came out better."""
        if recorder.folder is None or (self.best is not None and nelbo >= self.best):
            return
        self.best = nelbo
        if self._copy is None:
            self._copy = Kept(self._tensors.values())
        else:
            self._copy.keep()
        self._pending = Moment(step, seconds, recorder.lines, nelbo)

    def save(self, step: int, seconds: float, recorder: Recorder) -> Iterator[Event]:
        """The best so far, if it is not on the disk yet, and the tensors as they are now.

        StudioError when one of them is not finite: no such checkpoint is ever the latest.
        """
        if recorder.folder is None:
            return
        now = Moment(step, seconds, recorder.lines, self.best)
        pending, self._pending = self._pending, None
        if pending and self._copy:
            copies = dict(zip(self._tensors, self._copy.copies, strict=True))
            yield from self._commit(as_arrays(copies), pending, "best", recorder)
        if pending is None or pending.step != step:
            yield from self._commit(as_arrays(self._tensors), now, "periodic", recorder)

    def _commit(
        self, arrays: Arrays, at: Moment, kind: Kind, recorder: Recorder
    ) -> Iterator[Event]:
        name = yield from kept(
            lambda: recorder.save(at.step, arrays, at.scalars, kind=kind, lines=at.lines), at.step
        )
        yield CheckpointSaved(at.step, str(name), kind)
