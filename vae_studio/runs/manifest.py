"""manifest.json: what a run is. It is the only commit point: what it does not name did not happen.

The file holds no path of this machine, no user and no host; it may be handed to anyone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import msgspec

from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.runs import sealed
from vae_studio.runs.inside import read_inside

FILE_NAME = "manifest.json"
SCHEMA = (1, 1)  # a higher minor adds fields and is kept as it is; a higher major is only read
MAX_BYTES = 16 * 2**20

State = Literal["running", "done", "stopped", "failed", "interrupted"]
Kind = Literal["periodic", "best", "pinned"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Edit(TypedDict):
    """A live setting was changed: it holds from ``step`` on."""

    step: Count
    path: str
    value: float | int | str | bool


class CheckpointEntry(TypedDict):
    """A checkpoint the run holds. ``metrics`` is how many metrics records it had been preceded by.

    ``name`` is the file's without its ending; ``bytes`` and ``sha256`` are of the whole file.
    """

    step: Count
    name: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8,16}(-[0-9]{1,4})?\Z")]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    bytes: Count
    kind: Kind
    metrics: Count


class PriorEntry(TypedDict):
    """A prior fitted, after training, to the codes of the model of ``step`` (since 1.1).

    ``name`` and ``options`` are those of its card; ``file`` is named after its own contents, whose
    ``bytes`` and ``sha256`` are of the whole file. ``rate`` and ``rate_before`` are nats on
    ``pictures`` held out, with it and with the prior the run was trained with.
    """

    name: Name
    options: dict[str, float | int | str | bool]
    step: Count
    file: Annotated[str, msgspec.Meta(pattern=r"^prior-[0-9a-f]{16}\.safetensors\Z")]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    bytes: Count
    rate: float
    rate_before: float
    pictures: Count


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is and holds. ``created`` is UTC in ISO 8601; checkpoints in order of saving.

    ``resolved`` is what the settings came to on this machine and data: device, precision, threads,
    total_steps, steps_per_epoch, parameters, convention, fingerprint and title of the data, shape.
    ``state`` "interrupted" is never written by a run: it is "running" without a live writer.
    """

    schema: tuple[Count, Count] = SCHEMA
    run_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8,64}\Z")]
    name: Name
    created: Annotated[str, msgspec.Meta(max_length=40)]
    state: State = "running"
    config: dict[str, Any] = {}
    resolved: dict[str, Any] = {}
    edits: list[Edit] = []
    checkpoints: Annotated[list[CheckpointEntry], msgspec.Meta(max_length=10_000)] = []
    versions: dict[str, str] = {}
    prior: PriorEntry | None = None

    @property
    def newer(self) -> bool:
        """Made by a newer version of the program: read, never written."""
        return self.schema[0] > SCHEMA[0]


#: Fields this version knows; a higher minor's others are carried along unread.
FIELDS = frozenset(Manifest.__struct_fields__)


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, Any]]:
    """The manifest of a run folder and the fields of it that this version does not know.

    StudioError when the folder is no run, when the file was damaged or is of a version too new.
    """
    if not os.path.isdir(folder):
        raise StudioError(f"There is no folder '{shown(folder)}'.")
    if not os.path.lexists(folder / FILE_NAME):
        raise StudioError(f"'{shown(folder)}' is not a run folder: it holds no {FILE_NAME}.")
    return parse(read_inside(folder, FILE_NAME, limit=MAX_BYTES), shown(folder))


def parse(data: bytes, where: str) -> tuple[Manifest, dict[str, Any]]:
    """The manifest in ``data`` and its unknown fields; ``where`` names the run in errors."""
    try:
        fields = sealed.unseal(data)
        manifest = msgspec.convert(fields, Manifest)
    except (sealed.DamagedError, msgspec.ValidationError) as wrong:
        raise _unreadable(data, where, str(wrong)) from None
    if manifest.schema[0] < SCHEMA[0]:
        raise StudioError(f"The run '{where}' is older than this version of VAE Studio can read.")
    return manifest, {name: value for name, value in fields.items() if name not in FIELDS}


def encode(manifest: Manifest, unknown: dict[str, Any]) -> bytes:
    """The bytes of manifest.json, with the fields of a newer minor version kept as they were."""
    data = sealed.seal({**msgspec.to_builtins(manifest), **unknown})
    if len(data) > MAX_BYTES:
        raise StudioError(f"The {FILE_NAME} of '{manifest.name}' would exceed {MAX_BYTES:,} bytes.")
    return data


def changed(manifest: Manifest, fields: dict[str, Any]) -> Manifest:
    """A copy with some fields replaced, just as it will be read back from the file.

    The home folder in any text becomes ``~``, because it names the user. StudioError for a field
    that does not exist or a value that the file cannot hold.
    """
    if not FIELDS.issuperset(fields):
        raise StudioError(f"A manifest has no field '{min(set(fields) - FIELDS)}'.")
    every = {**msgspec.structs.asdict(manifest), **fields}
    try:
        plain = msgspec.json.decode(msgspec.json.encode(every, enc_hook=sealed.plain))
        return msgspec.convert(_without_home(plain, str(Path.home())), Manifest)
    except (msgspec.MsgspecError, TypeError, OverflowError) as wrong:
        raise StudioError(f"The manifest cannot hold that: {wrong}.") from None


def _unreadable(data: bytes, where: str, why: str) -> StudioError:
    if _major_of(data) > SCHEMA[0]:
        return StudioError(
            f"The run '{where}' was made by a newer version of VAE Studio; update to open it.",
            details=why,
        )
    return StudioError(
        f"The {FILE_NAME} of the run '{where}' was damaged or changed by hand; "
        "take it from a backup.",
        details=why,
    )


def _major_of(data: bytes) -> int:
    try:
        major = sealed.loose_fields(data)["schema"][0]
    except (sealed.DamagedError, KeyError, IndexError, TypeError):
        return 0
    return major if isinstance(major, int) else 0


def _without_home(value: Any, home: str) -> Any:
    if isinstance(value, str):
        return value.replace(home + os.sep, "~" + os.sep) if len(home) > 1 else value
    if isinstance(value, dict):
        return {key: _without_home(item, home) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_home(item, home) for item in value]
    return value
