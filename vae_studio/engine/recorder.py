"""Writes what a run tells into its folder; without a folder it keeps nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.convention import Convention
from vae_studio.domain.errors import DiskError, StudioError
from vae_studio.domain.events import (
    BatchesTrained,
    DiskRefused,
    EpochEnded,
    Event,
    KnobTurned,
    Validated,
)  # fmt: skip
from vae_studio.domain.resolved import Resolved
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.manifest import Kind

_COLUMNS = ("loss", "distortion", "rate", "beta", "learning_rate")
E = TypeVar("E", bound=Event)
T = TypeVar("T")


def kept(deed: Callable[[], T], step: int) -> Generator[DiskRefused, None, T]:
    """Do what writes to the disk; while that refuses, tell so and try again at the next turn."""
    while True:
        try:
            return deed()
        except DiskError as wrong:
            refused = DiskRefused(step, wrong.sentence, wrong.details)
        yield refused


class Recorder:
    """The one that knows how events become metric lines and manifests."""

    def __init__(self, folder: RunFolder | None) -> None:
        self.folder = folder
        self._lines: deque[dict[str, Any]] = deque()

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
        """Keep a line for the event until ``write``, and hand it back."""
        if self.folder:
            self._lines.append(_line(event))
        return event

    def write(self) -> None:
        """Append the lines kept so far; on a DiskError the rest stays for the next time."""
        while self._lines and self.folder:
            self.folder.append_metrics(self._lines[0])
            self._lines.popleft()

    @property
    def lines(self) -> int:
        """How many lines there will be once those kept are written."""
        return (self.folder.metrics_recorded if self.folder else 0) + len(self._lines)

    def past(self, convention: Convention) -> tuple[BatchesTrained | Validated, ...]:
        """The batches and validations in the folder, as they were told."""
        lines = self.folder.read_metrics() if self.folder else []
        events = (_event(line, convention) for line in lines)
        return tuple(event for event in events if event is not None)

    def note_turned(self, turned: list[KnobTurned]) -> None:
        """Write all turned knobs into the manifest: resuming replays them."""
        if self.folder:
            edits = [{"step": e.step, "path": e.path, "value": e.value} for e in turned]
            self.folder.update(edits=edits)

    def note_resolved(self, resolved: Resolved) -> None:
        """Write how the run is calculated from now on into the manifest."""
        if self.folder:
            facts = msgspec.to_builtins(resolved)
            self.folder.update(resolved={**self.folder.manifest.resolved, **facts})

    def save(
        self,
        step: int,
        arrays: dict[str, NDArray[Any]],
        scalars: dict[str, Any],
        *,
        kind: Kind = "periodic",
        lines: int | None = None,
    ) -> str | None:
        """Commit a checkpoint that ``lines`` of the metrics (all) precede; its name, or None when
        nothing is kept.
        """
        if self.folder is None:
            return None
        self.write()
        return self.folder.save_checkpoint(step, arrays, scalars, kind=kind, metrics=lines)

    def finish(self, *, stopped: bool, summary: dict[str, Any]) -> None:
        """The run has ended well; the folder is free for others."""
        if self.folder:
            self.write()
            self.folder.write_summary(summary)
            self.folder.update(state="stopped" if stopped else "done")
            self.folder.close()

    def fail(self) -> None:
        """The run has ended badly; whatever the folder can still take is written."""
        if self.folder:
            with suppress(StudioError):
                self.write()
                self.folder.update(state="failed")
            self.folder.close()

    def close(self) -> None:
        """Leave the run as it lies on the disk, to be resumed; the folder is free for others."""
        if self.folder:
            self.folder.close()


def _line(event: Event) -> dict[str, Any]:
    if isinstance(event, BatchesTrained):
        columns = {name: getattr(event, name) for name in _COLUMNS} | event.extra
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


def _event(line: dict[str, Any], convention: Convention) -> BatchesTrained | Validated | None:
    """What ``_line`` made a line of; None for other lines."""
    rest = {name: value for name, value in line.items() if name not in ("kind", "seq", "step")}
    if line.get("kind") == "batches":
        columns = {name: np.array(values, np.float32) for name, values in rest.items()}
        known: dict[str, Any] = {name: columns.pop(name) for name in _COLUMNS}
        return BatchesTrained(first_step=line["step"], extra=columns, **known)
    if line.get("kind") == "validation":
        return Validated(line["step"], **{**rest, "convention": convention})
    return None


def _shortest(column: NDArray[np.float32]) -> list[float]:
    """float32 values with no more digits than they have: reading them back gives the same bits."""
    return [float(str(value)) for value in column]
