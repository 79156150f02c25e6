"""Where a picture came from, inside the picture: one PNG text chunk, and nothing else.

The chunk is ``tEXt`` with the keyword "vae-studio" and ASCII JSON. It holds no path, user, host,
name or date, so a picture may be shown to anybody.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import msgspec

from vae_studio.domain.atomic import cannot
from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.imaging.encode import SIGNATURE

KEYWORD = "vae-studio"
SCHEMA = (1, 0)  # the same first number can be read, whatever the second

MAX_FILE_BYTES = 2 << 30  # PNG chunks are skipped, not read: this bounds the walk, not memory
MAX_CHUNKS = 500_000
MAX_TEXT_BYTES = 1 << 20

#: What a picture of ours consists of, in this order.
OUR_CHUNKS = ("IHDR", "pHYs", "tEXt", "IDAT", "IEND")


@dataclass(frozen=True)
class Provenance:
    """What is known about the model and the draw behind a grid.

    The run's name, the set, the units and β only fill captions: they are drawn where the person
    asked for them and never written into the chunk.
    """

    run_id: str
    run_name: str
    config_hash: str
    step: int
    seed: int
    temperature: float
    convention: str
    dataset: str = ""
    units: int = 0
    beta: float | None = None

    def facts(self) -> dict[str, str]:
        """The facts a caption may name (export.caption.FACTS) as they are shown."""
        return {
            "dataset": self.dataset.removeprefix("folder:"),
            "units": str(self.units) if self.units else "",
            "beta": "" if self.beta is None else f"{self.beta:g}",
            "step": f"{self.step:,}",
            "seed": str(self.seed),
            "temperature": f"{self.temperature:g}",
            "convention": self.convention,
            "run": self.run_name,
        }


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What ``read_provenance`` finds in a picture of ours: enough to draw it again."""

    schema: tuple[int, int] = SCHEMA
    run_id: str
    config_hash: str
    step: int
    seed: int
    temperature: float
    convention: str
    spec: SampleGridSpec


def text_chunk(provenance: Provenance, spec: SampleGridSpec) -> dict[str, str]:
    """The one text entry of a grid's PNG, for ``imaging.encode.png_bytes``."""
    origin = Origin(
        run_id=provenance.run_id,
        config_hash=provenance.config_hash,
        step=provenance.step,
        seed=provenance.seed,
        temperature=provenance.temperature,
        convention=provenance.convention,
        spec=spec,
    )
    # json escapes everything beyond ASCII: tEXt is Latin-1, and readers differ beyond that
    return {KEYWORD: json.dumps(msgspec.to_builtins(origin), sort_keys=True, separators=(",", ":"))}


def read_provenance(source: Path | bytes) -> Origin | None:
    """The origin of a PNG, or None for a picture that is not ours.

    Pixels are not decoded, so a picture that would unpack to gigabytes costs nothing. Raises
    StudioError for what is not a PNG, is torn, or holds a note that cannot be trusted.
    """
    if isinstance(source, bytes):
        return _read(BytesIO(source), "The picture")
    try:
        with source.open("rb") as file:
            return _read(file, f"'{source.name}'")
    except OSError as error:
        raise cannot("read", source, error) from None


def check_clean(png: bytes) -> None:
    """Raise StudioError unless the PNG holds our note once and no other metadata."""
    kinds: list[str] = []
    end = 0
    for kind, start, length in _chunks(BytesIO(png), "The picture"):
        if kind != "IDAT" or kinds[-1:] != ["IDAT"]:
            kinds.append(kind)
        end = start + length + 4
    expected = [kind for kind in OUR_CHUNKS if kind != "pHYs" or kind in kinds]
    if kinds != expected or end != len(png) or read_provenance(png) is None:
        raise StudioError(
            "The picture was not written: it holds more than its pixels and our own note."
        )


def _read(file: BinaryIO, name: str) -> Origin | None:
    for kind, start, length in _chunks(file, name):
        if kind == "tEXt" and length <= MAX_TEXT_BYTES:
            file.seek(start)
            body = file.read(length)
            keyword, _, text = body.partition(b"\0")
            if keyword == KEYWORD.encode():
                _check_whole(b"tEXt" + body, file.read(4), name)
                return _origin(text, name)
    return None


def _chunks(file: BinaryIO, name: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and length of every chunk's body, up to and with IEND."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise StudioError(f"{name} is not a PNG picture.")
    if size > MAX_FILE_BYTES:
        raise StudioError(f"{name} is too large for a picture of ours ({size:,} bytes).")
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        start = file.tell()
        length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (size, b"")
        if start + length + 4 > size:
            raise StudioError(f"{name} is torn: it ends in the middle.")
        yield kind.decode("latin-1"), start, length
        if kind == b"IEND":
            return
        file.seek(start + length + 4)
    raise StudioError(f"{name} has more parts than any real picture.")


def _check_whole(body: bytes, stored: bytes, name: str) -> None:
    if struct.pack(">I", zlib.crc32(body)) != stored:
        raise StudioError(f"{name} is damaged: the note of where it came from was changed.")


def _origin(text: bytes, name: str) -> Origin:
    try:
        major = msgspec.json.decode(text, type=_Version).schema[0]
        if major == SCHEMA[0]:
            return msgspec.json.decode(text, type=Origin)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, StudioError):
        raise StudioError(f"{name} holds a note of ours that cannot be read.") from None
    raise StudioError(f"{name} was made by a newer VAE Studio.")


class _Version(msgspec.Struct):
    schema: tuple[int, int]
