"""A picture says where it came from, and nothing about where it was made or by whom."""

from __future__ import annotations

import getpass
import json
import socket
import struct
import zlib
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import CAPTION_TEMPLATE, SampleGridSpec
from vae_studio.export import provenance
from vae_studio.export.grid import sample_grid_png, write_grid
from vae_studio.export.provenance import Provenance, check_clean, read_provenance

SPEC = SampleGridSpec(rows=1, columns=2, title="β", caption=CAPTION_TEMPLATE, seed=2**53 + 1)
KNOWN = Provenance(
    run_id="r1", run_name="canary-name", config_hash="c0ffee", step=2574, seed=7, temperature=0.8,
    convention="grey-BCE · 28×28", dataset="canary-set", units=20, beta=4.0,
)  # fmt: skip


def picture(spec: SampleGridSpec = SPEC, origin: Provenance = KNOWN) -> bytes:
    return sample_grid_png(np.zeros((spec.count, 8, 8, 1), np.uint8), spec, origin)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(extra: bytes, png: bytes | None = None) -> bytes:
    """The picture with one more chunk after its header."""
    png = png or picture()
    return png[:33] + extra + png[33:]


def without_note() -> bytes:
    saved = BytesIO()
    Image.new("L", (2, 2)).save(saved, "PNG")
    return saved.getvalue()


def with_note(text: str) -> bytes:
    """A foreign picture with a text under our keyword."""
    return with_chunk(chunk(b"tEXt", b"vae-studio\0" + text.encode()), without_note())


def test_that_what_was_written_can_be_read_back(tmp_path: Path) -> None:
    write_grid(tmp_path / "grid.png", picture())
    for source in (picture(), tmp_path / "grid.png"):
        origin = read_provenance(source)
        assert origin is not None
        assert origin.spec == SPEC
        assert (origin.run_id, origin.config_hash, origin.step) == ("r1", "c0ffee", 2574)
        assert (origin.seed, origin.temperature) == (7, 0.8)
        assert origin.convention == "grey-BCE · 28×28"


def test_that_the_note_holds_these_facts_and_no_others() -> None:
    found = Image.open(BytesIO(picture())).info
    assert set(found) == {"dpi", "vae-studio"}
    note = json.loads(found["vae-studio"])
    assert set(note) == {
        "schema", "run_id", "config_hash", "step", "seed", "temperature", "convention", "spec",
    }  # fmt: skip
    assert set(note["spec"]) == set(SampleGridSpec.__dataclass_fields__)


def test_that_no_name_path_user_or_host_is_inside(tmp_path: Path) -> None:
    write_grid(tmp_path / "grid.png", picture())
    png = (tmp_path / "grid.png").read_bytes()
    canaries = ["canary", getpass.getuser() + "@", socket.gethostname(), str(Path.home())]
    assert [canary for canary in canaries if canary.encode() in png] == []


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tEXt", b"Author\0somebody"),
        chunk(b"tIME", bytes(7)),
        chunk(b"eXIf", b"II*\0"),
        chunk(b"iCCP", b"profile\0\0"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x")),
    ],
)
def test_that_a_picture_with_anything_else_inside_is_not_written(
    extra: bytes, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match="more than its pixels"):
        write_grid(tmp_path / "grid.png", with_chunk(extra))
    assert not list(tmp_path.iterdir())


def test_that_neither_a_missing_note_nor_trailing_bytes_pass_as_clean() -> None:
    check_clean(picture())
    for png in (without_note(), picture() + b"hidden", with_note("{}")):
        with pytest.raises(StudioError):
            check_clean(png)


def test_that_a_foreign_picture_has_no_origin() -> None:
    assert read_provenance(without_note()) is None
    info = PngInfo()
    info.add_text("Software", "something else")
    saved = BytesIO()
    Image.new("L", (2, 2)).save(saved, "PNG", pnginfo=info)
    assert read_provenance(saved.getvalue()) is None


def test_that_a_file_that_is_no_png_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("hello")
    with pytest.raises(StudioError, match=r"'notes\.png' is not a PNG"):
        read_provenance(tmp_path / "notes.png")
    with pytest.raises(StudioError, match="exist"):
        read_provenance(tmp_path / "missing.png")


def test_that_every_torn_picture_is_refused() -> None:
    png = with_chunk(b"")
    note_ends = png.index(b"IDAT") - 4
    for length in range(note_ends):
        with pytest.raises(StudioError):
            read_provenance(png[:length])


def test_that_a_changed_note_is_never_taken_for_true() -> None:
    png = bytearray(picture())
    start, end = png.index(b"vae-studio"), png.index(b"IDAT") - 8
    trusted = []
    for place in range(start, end):
        png[place] ^= 0x01
        with suppress(StudioError):
            if read_provenance(bytes(png)) is not None:
                trusted.append(place)
        png[place] ^= 0x01
    assert trusted == []
    assert read_provenance(bytes(png)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "null", '{"schema": [1, 0]}', "[" * 100_000, '{"schema": "1"}', "\xff",
        json.dumps({"schema": [1, 0], "run_id": 7}),
    ],
)  # fmt: skip
def test_that_a_note_nobody_can_read_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(StudioError, match=r"cannot be read\."):
        read_provenance(with_note(text))


def test_that_a_note_with_an_impossible_grid_is_refused() -> None:
    note = json.loads(Image.open(BytesIO(picture())).info["vae-studio"])
    note["spec"]["rows"] = 10**9
    with pytest.raises(StudioError, match="cannot be read"):
        read_provenance(with_note(json.dumps(note)))


def test_that_a_later_minor_version_is_read_and_a_later_major_one_named() -> None:
    note = json.loads(Image.open(BytesIO(picture())).info["vae-studio"])
    note |= {"schema": [1, 9], "codes": [[0.0]]}
    origin = read_provenance(with_note(json.dumps(note)))
    assert origin is not None
    assert origin.spec == SPEC
    note["schema"] = [2, 0]
    with pytest.raises(StudioError, match="newer VAE Studio"):
        read_provenance(with_note(json.dumps(note)))


def test_that_a_bomb_is_neither_unpacked_nor_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = chunk(b"zTXt", b"vae-studio\0\0" + zlib.compress(bytes(50_000_000)))
    assert read_provenance(with_chunk(bomb, without_note())) is None
    huge = chunk(b"tEXt", b"vae-studio\0" + b" " * provenance.MAX_TEXT_BYTES)
    assert read_provenance(with_chunk(huge, without_note())) is None
    monkeypatch.setattr(provenance, "MAX_CHUNKS", 50)
    with pytest.raises(StudioError, match="more parts"):
        read_provenance(with_chunk(chunk(b"tEXt", b"a\0b") * 60, without_note()))
    monkeypatch.setattr(provenance, "MAX_FILE_BYTES", 100)
    with pytest.raises(StudioError, match="too large"):
        read_provenance(picture())


def test_that_a_run_without_a_name_still_has_an_origin() -> None:
    origin = read_provenance(picture(origin=replace(KNOWN, run_id="", config_hash="")))
    assert origin is not None
    assert origin.run_id == ""
