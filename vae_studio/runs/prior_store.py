"""The file of a prior that was fitted after training: named after its contents, never rewritten."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vae_studio.domain.atomic import write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.runs.checkpoint import Checkpoint, CheckpointError, from_bytes
from vae_studio.runs.inside import read_inside
from vae_studio.runs.manifest import PriorEntry

MAX_FILE_BYTES = 2**30
_FILE = re.compile(r"prior-[0-9a-f]{16}\.safetensors")


def write_file(root: Path, data: bytes, facts: Mapping[str, Any]) -> PriorEntry:
    """Write the file; it counts only once the manifest holds the entry that is answered."""
    digest = hashlib.sha256(data).hexdigest()
    name = f"prior-{digest[:16]}.safetensors"
    write_atomically(root / name, data)
    made = {**facts, "file": name, "sha256": digest, "bytes": len(data)}
    return msgspec.convert(made, PriorEntry)


def read_file(root: Path, entry: PriorEntry) -> Checkpoint:
    """What was saved, to the bit; CheckpointError otherwise."""
    if entry["bytes"] > MAX_FILE_BYTES:
        raise CheckpointError(f"it is larger than the {MAX_FILE_BYTES:,} bytes that may be loaded")
    try:
        data = read_inside(root, entry["file"], limit=entry["bytes"])
    except StudioError as wrong:
        raise CheckpointError(str(wrong).rstrip(".")) from None
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise CheckpointError("its contents changed since it was saved")
    return from_bytes(data, entry["file"])


def prune(root: Path, entry: PriorEntry) -> None:
    """Delete the priors before this one; what cannot be deleted waits for next time."""
    with contextlib.suppress(OSError):
        for name in os.listdir(root):
            if _FILE.fullmatch(name) and name != entry["file"]:
                with contextlib.suppress(OSError):
                    (root / name).unlink()
