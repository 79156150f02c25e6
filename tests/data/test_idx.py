"""IDX files: right ones are read, all others named."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data.idx import idx_bytes, parse_idx, read_idx
from vae_studio.domain.errors import StudioError

PICTURES = np.arange(2 * 3 * 5, dtype=np.uint8).reshape(2, 3, 5)
RAW = idx_bytes(PICTURES)


def test_that_the_bytes_are_those_of_the_published_format() -> None:
    assert RAW[:16] == bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 5])
    assert RAW[16:] == bytes(range(30))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_that_packing_is_told_by_content_and_not_by_name(pack, tmp_path: Path) -> None:
    path = tmp_path / "pictures.gz"
    path.write_bytes(pack(RAW))
    np.testing.assert_array_equal(read_idx(path), PICTURES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\0\0", "not an IDX file"),
        (b"<html>quota</html>", "not an IDX file"),
        (RAW[:10], "ends within its header"),
        (RAW[:-1], "hold 30 values and holds 29"),
        (RAW + b"\0", "hold 30 values and holds 31"),
        (b"\0\0\x0d\x03" + RAW[4:], "type 0x0d"),
        (b"\0\0\x08\x09" + RAW[4:], "9 axes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "holds 0"),
        (gzip.compress(RAW)[:-9], "ends too early"),
        (lzma.compress(RAW)[:-9], "ends too early"),
        (gzip.compress(RAW)[:10] + b"\xff" * 20, "decompress"),
        (gzip.compress(RAW)[:-8] + bytes(8), "decompress"),
    ],
)
def test_that_damage_is_one_sentence_with_file_and_remedy(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "pictures-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(StudioError) as caught:
        read_idx(path)
    assert reason in str(caught.value)
    assert path.name in str(caught.value)
    assert "download it again" in str(caught.value)


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"gone-idx3.*could not be read"):
        read_idx(tmp_path / "gone-idx3")


def test_that_no_flipped_byte_goes_unnoticed_in_a_packed_file() -> None:
    packed = gzip.compress(RAW, mtime=0)
    for place in range(10, len(packed)):  # before that: name, time and system, which say nothing
        flipped = bytearray(packed)
        flipped[place] ^= 0x55
        with pytest.raises(ValueError, match="it "):
            parse_idx(bytes(flipped))
