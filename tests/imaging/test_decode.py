"""Odd, broken and hostile picture files, each made by its test."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.imaging.decode import MAX_PIXELS, SUFFIXES, PictureRefused, decode_picture

# pytest sets aside the filter with which decode.py keeps Pillow quiet
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*:UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, *chunks: bytes, content: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(content))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(chunks)
        + packed
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm"])
def test_that_grey_comes_back_as_it_was(suffix: str, tmp_path: Path) -> None:
    options = {"lossless": True} if suffix == ".webp" else {}
    path = saved(tmp_path / f"a{suffix.upper()}", Image.fromarray(RAMP), **options)
    picture = decode_picture(path)
    assert picture.shape[:2] == (16, 16)
    assert picture.flags.c_contiguous
    assert picture.flags.writeable
    assert suffix in SUFFIXES
    for channel in range(picture.shape[2]):  # GIF and WebP know no grey and come as colour
        np.testing.assert_array_equal(picture[..., channel], RAMP)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tif"])
def test_that_colour_comes_back_as_it_was(suffix: str, tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    path = saved(tmp_path / f"a{suffix}", Image.fromarray(colours))
    np.testing.assert_array_equal(decode_picture(path), colours)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".pgm"])
def test_that_16_bits_are_scaled_and_not_cut(suffix: str, tmp_path: Path) -> None:
    values = np.array([[0, 128, 129, 257, 32_896, 65_535]], dtype=np.uint16)
    path = tmp_path / f"a{suffix}"
    if suffix == ".pgm":
        path.write_bytes(b"P5 6 1 65535\n" + values.astype(">u2").tobytes())
    else:
        Image.fromarray(values).save(path)
    assert decode_picture(path)[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]


def test_that_big_endian_16_bits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.frombytes("I;16B", (2, 1), struct.pack(">HH", 0x8080, 0xFFFF)).save(path)
    assert decode_picture(path)[0, :, 0].tolist() == [128, 255]


@pytest.mark.parametrize(
    ("values", "bytes_"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([-1000.0, 0.0, 1000.0], [0, 128, 255]),
        ([np.nan, 2.0, 4.0], [0, 0, 255]),
        ([-np.inf, 2.0, 4.0], [0, 0, 255]),
        ([7.0, 7.0, 7.0], [0, 0, 0]),
    ],
)
def test_that_floating_point_is_stretched(values: list, bytes_: list, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", Image.fromarray(np.array([values], np.float32)))
    assert decode_picture(path)[0, :, 0].tolist() == bytes_


def test_that_floating_point_without_a_number_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", Image.fromarray(np.full((2, 2), np.nan, np.float32)))
    with pytest.raises(PictureRefused, match="no finite value"):
        decode_picture(path)


@pytest.mark.parametrize(("mode", "channels"), [("RGBA", 3), ("LA", 1)])
def test_that_transparency_shows_white(mode: str, channels: int, tmp_path: Path) -> None:
    image = Image.new(mode, (3, 1), 0)
    clear, half, solid = 0, 128, 255
    black = (0,) * (len(mode) - 1)
    for x, alpha in enumerate((clear, half, solid)):
        image.putpixel((x, 0), (*black, alpha))
    picture = decode_picture(saved(tmp_path / "a.png", image))
    assert picture.shape == (1, 3, channels)
    assert picture[0, :, 0].tolist() == [255, 127, 0]


def test_that_a_transparent_palette_colour_shows_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.putpixel((1, 0), 1)
    picture = decode_picture(saved(tmp_path / "a.png", image, transparency=0))
    assert picture.tolist() == [[[255, 255, 255], [200, 100, 50]]]


def test_that_one_bit_pictures_are_black_and_white(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1")
    assert decode_picture(saved(tmp_path / "a.png", image)).tolist() == [[[0], [255]]]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB"])
def test_that_other_colour_spaces_become_rgb(mode: str, tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 8), "white")
    image = image.convert(mode) if mode != "LAB" else Image.new("LAB", (8, 8), (255, 128, 128))
    picture = decode_picture(saved(tmp_path / "a.tif", image))
    assert picture.shape == (8, 8, 3)
    assert picture.min() > 240


def test_that_the_orientation_a_camera_noted_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    image = Image.new("L", (32, 16), 0)
    image.paste(255, (0, 0, 16, 16))  # left half white: must come out as the upper half
    picture = decode_picture(saved(tmp_path / "a.jpg", image, exif=exif))
    assert picture.shape == (32, 16, 1)
    assert picture[:12].min() > 200
    assert picture[20:].max() < 50


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_that_the_first_frame_is_taken(suffix: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), (value,) * 3) for value in (255, 0, 0)]
    path = tmp_path / f"a{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert decode_picture(path).min() == 255


def test_that_a_single_pixel_is_a_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("L", (1, 1), 7))
    assert decode_picture(path).tolist() == [[[7]]]


def test_that_a_large_jpeg_may_be_decoded_smaller_but_never_too_small(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("L", (1_000, 600)))
    height, width, _ = decode_picture(path, at_least=64).shape
    assert 64 <= height < 600
    assert 64 <= width < 1_000
    assert decode_picture(path).shape == (600, 1_000, 1)


def refusal(path: Path) -> str:
    with pytest.raises(PictureRefused) as caught:
        decode_picture(path)
    return caught.value.sentence


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tif", ".pgm"])
def test_that_a_file_cut_anywhere_is_refused(suffix: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40)).astype(np.uint8)
    whole = saved(tmp_path / f"whole{suffix}", Image.fromarray(noise)).read_bytes()
    path = tmp_path / f"cut{suffix}"
    for share in (0.02, 0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert refusal(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tif", ".pgm"])
def test_that_damaged_bytes_never_raise_anything_else(suffix: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    noise = draw.integers(0, 256, (12, 12)).astype(np.uint8)
    whole = saved(tmp_path / f"whole{suffix}", Image.fromarray(noise)).read_bytes()
    path = tmp_path / f"bad{suffix}"
    for _ in range(150):
        damaged = bytearray(whole)
        for place in draw.integers(0, len(whole), 3):
            damaged[place] = draw.integers(0, 256)
        path.write_bytes(damaged)
        with contextlib.suppress(PictureRefused):
            picture = decode_picture(path)
            assert picture.dtype == np.uint8
            assert picture.ndim == 3


def test_that_each_reason_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    text = tmp_path / "text.png"
    text.write_text("hello")
    renamed = saved(tmp_path / "x.png", Image.new("L", (4, 4))).rename(tmp_path / "x.jpg")
    assert refusal(empty) == "it is empty"
    assert refusal(text).startswith("it is not a picture in a known format (PNG")
    assert refusal(renamed) == "its name says .jpg but it is a PNG file; rename it"
    assert refusal(tmp_path / "gone.png") == "it is not a file (any more)"
    assert refusal(tmp_path) == "it is not a file (any more)"


def test_that_formats_outside_the_list_are_refused(tmp_path: Path) -> None:
    for suffix in (".ico", ".tga", ".eps", ".pcx", ".jp2", ".pdf"):
        source = saved(tmp_path / f"a{suffix}", Image.new("RGB", (16, 16)))
        assert "known format" in refusal(source.rename(tmp_path / f"{suffix[1:]}.png"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    assert refusal(tmp_path / "a.png") == "it is not a file (any more)"


def annex_bomb(kind: bytes) -> bytes:
    """A 4 × 4 picture with 300 MB of zeros in its metadata, packed to 300 kB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    return png(4, 4, chunk(kind, b"a\0\0" + packed), content=bytes(20))


HUGE_BMP = struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54) + struct.pack(
    "<IiiHHIIiiII", 40, 40_000, 40_000, 1, 24, 0, 0, 0, 0, 0, 0
)
HUGE_GIF = (
    struct.pack("<6sHHBBB", b"GIF89a", 65_535, 65_535, 0, 0, 0)
    + struct.pack("<sHHHHB", b"\x2c", 0, 0, 65_535, 65_535, 0)
    + b"\x02\x02\x4c\x01\x00\x3b"
)


def tiff_of_pages(pages: int) -> bytes:
    """A small picture, and behind it ever more directories of nothing, each pointing on."""
    file = io.BytesIO()
    Image.new("L", (4, 4), 9).save(file, "TIFF")
    first = bytearray(file.getvalue())
    at = struct.unpack_from("<I", first, 4)[0]
    following = at + 2 + 12 * struct.unpack_from("<H", first, at)[0]
    struct.pack_into("<I", first, following, len(first))
    starts = range(len(first) + 6, len(first) + 6 * pages + 1, 6)
    return bytes(first) + b"".join(struct.pack("<HI", 0, start) for start in starts)


def huge_tiff() -> bytes:
    fields = ((256, 60_000), (257, 60_000), (258, 8), (259, 1), (262, 1), (273, 8), (278, 60_000))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
    return struct.pack("<2sHIH", b"II", 42, 8, len(fields)) + entries + bytes(4)


THREE = b"\x01\x11\x00\x02\x11\x00\x03\x11\x00"  # components, each with one sample
HUGE_JPEG = (
    struct.pack(">HHHBHHB", 0xFFD8, 0xFFC0, 17, 8, 65_500, 65_500, 3)
    + THREE
    + struct.pack(">HH", 0xFFDA, 12)
    + bytes(100)
)
BOMBS: dict[str, Callable[[], bytes]] = {
    "huge.jpg": lambda: HUGE_JPEG,
    "huge.tif": huge_tiff,
    "pages.tif": lambda: tiff_of_pages(1_000_000),
    "huge.png": lambda: png(50_000, 50_000),
    "wide.png": lambda: png(MAX_PIXELS + 1, 1),
    "just over.png": lambda: png(8_001, 8_000),
    "large enough for a warning.png": lambda: png(10_000, 10_000),
    "huge.pgm": lambda: b"P5 60000 60000 255\n",
    "huge.bmp": lambda: HUGE_BMP,
    "huge.gif": lambda: HUGE_GIF,
    "text.png": lambda: annex_bomb(b"zTXt"),
    "profile.png": lambda: annex_bomb(b"iCCP"),
}
DECODE_AND_MEASURE = """
import resource, sys
from pathlib import Path
from vae_studio.imaging.decode import PictureRefused, decode_picture

def peak_mb():
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

before = peak_mb()
try:
    decode_picture(Path(sys.argv[1]))
except PictureRefused as refused:
    print(refused.sentence)
sys.exit(3 if peak_mb() - before > 200 else 0)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_that_a_bomb_is_refused_before_it_fills_the_memory(name: str, tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="this system does not tell a process's peak memory")
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    command = [sys.executable, "-c", DECODE_AND_MEASURE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    if name not in ("text.png", "profile.png", "pages.tif"):  # read without their annex
        assert "64 million" in done.stdout
