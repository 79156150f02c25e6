"""The checkpoint files of one run folder, and which of them are kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from vae_studio.domain.atomic import remove_leftovers, write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.runs.checkpoint import MAX_FILE_BYTES, Checkpoint, CheckpointError, from_bytes
from vae_studio.runs.inside import read_inside
from vae_studio.runs.manifest import CheckpointEntry, Kind

FOLDER = "checkpoints"
ENDING = ".safetensors"
_FILE = re.compile(r"[0-9]{8,16}(-[0-9]{1,4})?\.safetensors")


def write_file(
    root: Path, data: bytes, step: int, kind: Kind, metrics: int, taken: Sequence[CheckpointEntry]
) -> CheckpointEntry:
    """Write a checkpoint under a name no entry has; it counts only once a manifest names it."""
    names = {entry["name"] for entry in taken}
    name, again = f"{step:08d}", 0
    while name in names:  # a committed file is never written over: a kill would leave it torn
        again += 1
        name = f"{step:08d}-{again}"
    write_atomically(root / FOLDER / (name + ENDING), data)
    digest = hashlib.sha256(data).hexdigest()
    return CheckpointEntry(
        step=step, name=name, sha256=digest, bytes=len(data), kind=kind, metrics=metrics
    )


def read_file(root: Path, entry: CheckpointEntry) -> Checkpoint:
    """The checkpoint of an entry; CheckpointError when it is not, to the bit, what was saved."""
    try:
        data = read_inside(root, FOLDER, entry["name"] + ENDING, limit=_limit(root, entry))
    except StudioError as wrong:
        raise CheckpointError(str(wrong).rstrip(".")) from None
    if len(data) != entry["bytes"]:
        raise CheckpointError(f"it has {len(data):,} bytes instead of {entry['bytes']:,}")
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise CheckpointError("its contents changed since it was saved")
    checkpoint = from_bytes(data, entry["name"])
    if checkpoint.step != entry["step"]:
        raise CheckpointError(f"it is of step {checkpoint.step} instead of {entry['step']}")
    return checkpoint


def with_entry(
    entries: Sequence[CheckpointEntry], new: CheckpointEntry, keep_last: int
) -> list[CheckpointEntry]:
    """The entries after ``new`` was saved: the last ``keep_last``, one best, every pinned one.

    Periodic entries at or beyond the new step are of a past the run has gone back from.
    """
    if new["kind"] == "best":
        entries = [
            CheckpointEntry(**{**old, "kind": "periodic"}) if old["kind"] == "best" else old
            for old in entries
        ]
    older = [old for old in entries if old["kind"] != "periodic" or old["step"] < new["step"]]
    every = [*older, new]
    recent = {entry["name"] for entry in every[-max(1, keep_last) :]}
    return [entry for entry in every if entry["kind"] != "periodic" or entry["name"] in recent]


def prune(root: Path, entries: Sequence[CheckpointEntry]) -> None:
    """Delete checkpoint files that no entry names; what cannot be deleted waits for next time."""
    folder = root / FOLDER
    named = {entry["name"] + ENDING for entry in entries}
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if _FILE.fullmatch(name) and name not in named:
                with contextlib.suppress(OSError):
                    (folder / name).unlink()
    remove_leftovers(folder)


def _limit(root: Path, entry: CheckpointEntry) -> int:
    """Read no more than the entry announces, whatever lies on the disk."""
    if entry["bytes"] > MAX_FILE_BYTES:
        raise CheckpointError(f"it is larger than the {MAX_FILE_BYTES:,} bytes that may be loaded")
    return entry["bytes"]
