"""summary.json and evaluation.json: what a run came to and how good it is, for people and scripts;
they notice when they were changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from vae_studio.domain.atomic import shown, write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.runs import sealed
from vae_studio.runs.inside import read_inside

FILE_NAME = "summary.json"
EVALUATION = "evaluation.json"
MAX_BYTES = 16 * 2**20


def write(folder: Path, fields: dict[str, Any], name: str = FILE_NAME) -> None:
    """Write the file whole; NaN and infinities become null. StudioError when the disk fails."""
    write_atomically(folder / name, sealed.seal(fields))


def read(folder: Path, name: str = FILE_NAME) -> dict[str, Any] | None:
    """The file of a run folder, None when there is none; StudioError when it was changed."""
    path = folder / name
    if not os.path.lexists(path):
        return None
    try:
        return sealed.unseal(read_inside(folder, name, limit=MAX_BYTES))
    except sealed.DamagedError as wrong:
        raise StudioError(
            f"'{shown(path)}' was damaged or changed by hand; evaluate the run again.",
            details=str(wrong),
        ) from None


def nelbo_of(fields: dict[str, Any] | None) -> float | None:
    """The test NELBO in nats per image, when the summary holds one."""
    test = (fields or {}).get("test")
    value = test.get("nelbo") if isinstance(test, dict) else None
    return float(value) if isinstance(value, int | float) and value is not True else None
