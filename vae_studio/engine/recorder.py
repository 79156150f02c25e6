"""Writes what a run tells into its folder; without a folder it keeps nothing."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.events import BatchesTrained, EpochEnded, Event, KnobTurned, Validated
from vae_studio.runs.folder import RunFolder

E = TypeVar("E", bound=Event)


class Recorder:
    """The one that knows how events become metric lines and manifests."""

    def __init__(self, folder: RunFolder | None) -> None:
        self.folder = folder

    @property
    def run_id(self) -> str:
        """The run's id; empty when nothing is kept."""
        return self.folder.manifest.run_id if self.folder else ""

    @property
    def name(self) -> str:
        """The run's name; empty when nothing is kept."""
        return self.folder.manifest.name if self.folder else ""

    @property
    def path(self) -> str:
        """Where the run lies; empty when nothing is kept."""
        return str(self.folder.path) if self.folder else ""

    def begin(self, step: int) -> None:
        """The run trains from ``step`` on; metrics beyond it are rewound."""
        if self.folder:
            if step or self.folder.read_metrics():
                self.folder.rewind_metrics(step)
            self.folder.update(state="running")

    def note(self, event: E) -> E:
        """Append a line for the event, and hand it back."""
        if self.folder:
            self.folder.append_metrics(_line(event))
        return event

    def note_turned(self, turned: list[KnobTurned]) -> None:
        """Write all turned knobs into the manifest: resuming replays them."""
        if self.folder:
            edits = [{"step": e.step, "path": e.path, "value": e.value} for e in turned]
            self.folder.update(edits=edits)

    def save(
        self, step: int, arrays: dict[str, NDArray[Any]], scalars: dict[str, Any]
    ) -> str | None:
        """Commit a checkpoint; its name, or None when nothing is kept."""
        return self.folder.save_checkpoint(step, arrays, scalars) if self.folder else None

    def finish(self, *, stopped: bool, summary: dict[str, Any]) -> None:
        """The run has ended well; the folder is free for others."""
        if self.folder:
            self.folder.write_summary(summary)
            self.folder.update(state="stopped" if stopped else "done")
            self.folder.close()

    def fail(self) -> None:
        """The run has ended badly; whatever the folder can still take is written."""
        if self.folder:
            try:
                self.folder.update(state="failed")
            finally:
                self.folder.close()


def _line(event: Event) -> dict[str, Any]:
    if isinstance(event, BatchesTrained):
        columns = {
            "loss": event.loss, "distortion": event.distortion, "rate": event.rate,
            "beta": event.beta, "learning_rate": event.learning_rate, **event.extra,
        }  # fmt: skip
        numbers = {name: _shortest(column) for name, column in columns.items()}
        return {"kind": "batches", "step": event.first_step, **numbers}
    if isinstance(event, Validated):
        return {
            "kind": "validation", "step": event.step, "split": event.split,
            "distortion": event.distortion, "rate": event.rate, "images": event.images,
            "convention": str(event.convention),
        }  # fmt: skip
    if isinstance(event, EpochEnded):
        return {"kind": "epoch", "step": event.step, "epoch": event.epoch}
    raise TypeError(f"{type(event).__name__} has no line in the metrics log")


def _shortest(column: NDArray[np.float32]) -> list[float]:
    """float32 values with no more digits than they have: reading them back gives the same bits."""
    return [float(str(value)) for value in column]
