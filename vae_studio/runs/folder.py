"""RunFolder: one training on disk.

    <run>/manifest.json   the only commit point       summary.json   what the run came to
          checkpoints/00001200.safetensors            lock.json      who is writing
          metrics/0000.jsonl                          prior-*.safetensors  fitted afterwards

Order of a checkpoint: its file, whole and synced and read back; the metrics synced; the manifest;
then older files are pruned. A kill between any two leaves the state before or the state after.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from vae_studio.domain.atomic import cannot, remove_leftovers, shown, write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.runs import (
    checkpoint,
    checkpoint_store,
    manifest,
    metrics_log,
    names,
    prior_store,
    summary,
)
from vae_studio.runs.checkpoint import Checkpoint, CheckpointError
from vae_studio.runs.inside import is_folder_inside
from vae_studio.runs.lock import RunLock, is_held
from vae_studio.runs.manifest import CheckpointEntry, Kind, Manifest
from vae_studio.runs.metrics_log import MetricsReader, MetricsWriter
from vae_studio.runs.versions import versions_here

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEWER = "The run '{}' was made by a newer version of VAE Studio; it is open for reading only."


class RunFolder:
    """A run folder, open for reading or, with its lock, for writing; use it in ``with``.

    ``path`` is the folder, ``manifest`` what it holds (state "interrupted": the file says running
    but nobody writes), ``notes`` sentences about the opening that belong into the log. Methods
    that write raise StudioError when the folder is open for reading only or the disk refuses;
    what was committed before is then still there.
    """

    def __init__(self, path: Path, lock: RunLock | None) -> None:
        self.path = path
        self.notes: tuple[str, ...] = ()
        self._lock = lock
        self._metrics: MetricsWriter | None = None
        self._unknown: dict[str, Any] = {}
        self.manifest: Manifest

    @classmethod
    def create(
        cls, root: Path, *, name: str, config: dict[str, Any], resolved: dict[str, Any]
    ) -> RunFolder:
        """A new run in a new folder of ``root``, named ``name`` made safe and unique."""
        path = names.make_folder(root, names.safe_name(name))
        return cls._begin(path, path.name, config, resolved, made=True)

    @classmethod
    def create_at(
        cls, path: Path, *, name: str = "", config: dict[str, Any], resolved: dict[str, Any]
    ) -> RunFolder:
        """A new run in exactly this folder; StudioError if there is anything in it already."""
        made = not os.path.lexists(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise StudioError(f"'{shown(path)}' is not empty; choose a new folder.")
        except OSError as error:
            raise cannot("made", path, error) from error
        return cls._begin(path, names.safe_name(name or path.name), config, resolved, made=made)

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> RunFolder:
        """An existing run; ``write`` takes the lock (StudioError naming who holds it)."""
        path = path.parent if path.name == manifest.FILE_NAME else path
        folder = cls(path, None)
        folder.reload()
        if folder.manifest.newer:
            folder.notes = (_NEWER.format(folder.manifest.name),)
        if write:
            folder._take_lock()
        return folder

    @property
    def writable(self) -> bool:
        """Whether this object holds the run's lock."""
        return self._lock is not None

    def reload(self) -> None:
        """Read the manifest again: how a reader follows a run that another process writes."""
        self._read(held=self.writable or is_held(self.path))

    def update(self, **fields: Any) -> None:
        """Replace fields of the manifest, durably and all at once."""
        self._need_lock()
        new = manifest.changed(self.manifest, fields)
        data = manifest.encode(new, self._unknown)
        write_atomically(self.path / manifest.FILE_NAME, data)
        self.manifest = new

    def append_metrics(self, record: dict[str, Any]) -> None:
        """Add one record, one line; NaN becomes null. It is durable from the next checkpoint on.

        Say which step it tells of as "step" or "first_step"; rewinding may need it.
        """
        self._log().append(record)

    @property
    def metrics_recorded(self) -> int:
        """How many records were ever added, those taken back by a rewind included."""
        return self._log().next_seq

    def read_metrics(self) -> list[dict[str, Any]]:
        """Every record up to the first damaged line, without those taken back by a rewind."""
        return MetricsReader(self.path).records

    def rewind_metrics(self, step: int) -> None:
        """The run goes on from ``step``: take back what was recorded after that checkpoint.

        Without a checkpoint of ``step``, the first record of that step or later and all behind it.
        """
        for entry in reversed(self.manifest.checkpoints):
            if entry["step"] == step:
                return self._log().rewind(step, entry["metrics"])
        return self._log().rewind(step, MetricsReader(self.path).seq_at(step))

    def save_checkpoint(
        self,
        step: int,
        tensors: Mapping[str, NDArray[np.generic]],
        scalars: dict[str, Any],
        *,
        keep_last: int = 3,
        kind: Kind = "periodic",
        metrics: int | None = None,
    ) -> str:
        """Save and commit a checkpoint; answers its name. Scalars come back exactly as given.

        Kept are the last ``keep_last``, the newest of kind "best" and all of kind "pinned".
        ``metrics`` is how many records belong before it; without it, all there are.
        """
        log = self._log()
        data = checkpoint.to_bytes(step, tensors, scalars)
        entries = self.manifest.checkpoints
        before = log.next_seq if metrics is None else metrics
        new = checkpoint_store.write_file(self.path, data, step, kind, before, entries)
        log.sync()
        kept = checkpoint_store.with_entry(entries, new, keep_last)
        self.update(checkpoints=kept)
        checkpoint_store.prune(self.path, kept)
        return new["name"]

    def load_checkpoint(self, name: str | None = None) -> Checkpoint:
        """The newest checkpoint that is still what was saved, or the named one and no other;
        "best" names the best.

        ``notes`` of the answer say which newer ones were damaged. StudioError if none is left.
        """
        if name is None:
            return self._newest_good()
        for entry in self.manifest.checkpoints:
            if entry["name"] == name or entry["kind"] == name == "best":
                return self._load(entry)
        known = ", ".join(entry["name"] for entry in self.manifest.checkpoints) or "none"
        raise StudioError(
            f"The run '{self.manifest.name}' has no checkpoint '{name}'; it has: {known}."
        )

    def save_prior(
        self, tensors: Mapping[str, NDArray[np.generic]], facts: Mapping[str, Any]
    ) -> None:
        """Save and commit a fitted prior in place of the one before; ``facts`` are the fields of
        its manifest entry that do not follow from the file.
        """
        self._need_lock()
        entry = prior_store.write_file(self.path, checkpoint.to_bytes(0, tensors, {}), facts)
        state = "running" if self.manifest.state == "interrupted" else self.manifest.state
        self.update(prior=entry, state=state)
        prior_store.prune(self.path, entry)

    def load_prior(self) -> Checkpoint:
        """The tensors of the fitted prior; StudioError when there is none, or no good one."""
        entry = self.manifest.prior
        if entry is None:
            raise StudioError(
                f"No prior was fitted to the run '{self.manifest.name}'; "
                "`vae-studio fit-prior` does that."
            )
        try:
            return prior_store.read_file(self.path, entry)
        except CheckpointError as wrong:
            raise StudioError(f"The fitted prior cannot be used: {wrong}; fit it again.") from None

    def write_evaluation(self, fields: dict[str, Any]) -> None:
        """Write evaluation.json: how good the run is. NaN becomes null."""
        self._need_lock()
        summary.write(self.path, fields, summary.EVALUATION)

    def read_evaluation(self) -> dict[str, Any] | None:
        """What ``write_evaluation`` wrote; None when the run has none; StudioError if damaged."""
        return summary.read(self.path, summary.EVALUATION)

    def write_summary(self, fields: dict[str, Any]) -> None:
        """Write summary.json: what the run came to. NaN becomes null."""
        self._need_lock()
        summary.write(self.path, fields)

    def read_summary(self) -> dict[str, Any] | None:
        """What ``write_summary`` wrote; None when the run has none; StudioError if damaged."""
        return summary.read(self.path)

    def close(self) -> None:
        """Close the metrics log and give the lock back; reading goes on working."""
        if self._metrics is not None:
            with contextlib.suppress(StudioError):
                self._metrics.sync()
            self._metrics.close()
            self._metrics = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @classmethod
    def _begin(
        cls, path: Path, name: str, config: dict[str, Any], resolved: dict[str, Any], made: bool
    ) -> RunFolder:
        """Fill a new folder: the lock first, the manifest last; on failure leave nothing."""
        folder = cls(path, None)
        try:
            folder._lock = RunLock.acquire(path)
            folder._make_parts()
            folder.manifest = Manifest(
                run_id=secrets.token_hex(8),
                name=name,
                created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            folder.update(config=config, resolved=resolved, versions=versions_here())
        except BaseException:
            folder._abandon(made)
            raise
        return folder

    def _abandon(self, made: bool) -> None:
        self.close()
        with contextlib.suppress(OSError):
            for part in (checkpoint_store.FOLDER, metrics_log.FOLDER):
                (self.path / part).rmdir()
            if made:
                self.path.rmdir()

    def _take_lock(self) -> None:
        if self.manifest.newer:
            raise StudioError(_NEWER.format(self.manifest.name))
        for part in (checkpoint_store.FOLDER, metrics_log.FOLDER):
            is_folder_inside(self.path, part)  # nothing is ever written through a link
        lock = RunLock.acquire(self.path)
        try:
            self._read(held=False)  # the writer before may have gone on since the first look
            self._lock = lock
            self._make_parts()
        except BaseException:
            lock.release()
            self._lock = None
            raise
        remove_leftovers(self.path)
        checkpoint_store.prune(self.path, self.manifest.checkpoints)

    def _read(self, *, held: bool) -> None:
        found, self._unknown = manifest.read_manifest(self.path)
        if found.state == "running" and not held:
            found = msgspec.structs.replace(found, state="interrupted")
        self.manifest = found

    def _make_parts(self) -> None:
        for part in (checkpoint_store.FOLDER, metrics_log.FOLDER):
            try:
                (self.path / part).mkdir(exist_ok=True)
            except OSError as error:
                raise cannot("made", self.path / part, error) from error

    def _need_lock(self) -> None:
        if not self.writable:
            raise StudioError(f"The run '{self.manifest.name}' is open for reading only.")

    def _log(self) -> MetricsWriter:
        self._need_lock()
        if self._metrics is None:
            self._metrics = MetricsWriter(self.path)
        return self._metrics

    def _newest_good(self) -> Checkpoint:
        notes: list[str] = []
        for entry in reversed(self.manifest.checkpoints):
            try:
                found = checkpoint_store.read_file(self.path, entry)
            except CheckpointError as wrong:
                notes.append(f"Checkpoint {entry['name']} was passed over: {wrong}.")
                continue
            if notes:
                notes.append(f"The run goes on from checkpoint {found.name}.")
            return dataclasses.replace(found, notes=tuple(notes))
        raise self._none_left(notes)

    def _none_left(self, notes: list[str]) -> StudioError:
        run = self.manifest.name
        if not notes:
            return StudioError(f"The run '{run}' has no checkpoint yet.")
        return StudioError(
            f"No checkpoint of the run '{run}' can be used.", details="\n".join(notes)
        )

    def _load(self, entry: CheckpointEntry) -> Checkpoint:
        try:
            return checkpoint_store.read_file(self.path, entry)
        except CheckpointError as wrong:
            raise StudioError(f"Checkpoint {entry['name']} cannot be used: {wrong}.") from None
