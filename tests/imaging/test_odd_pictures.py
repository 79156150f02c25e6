"""Sixty-four odd pictures, made by the test: what each becomes, by the stated rules, or why not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from vae_studio.imaging.decode import PictureRefused, decode_picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*:UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)


def packed(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def grey(value: int = 200, size: tuple[int, int] = (8, 6)) -> Image.Image:
    return Image.new("L", size, value)


def turned(orientation: int, form: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return packed(Image.new("RGB", (8, 6), (200, 100, 50)), form, exif=exif)


def deep(values: np.ndarray, form: str) -> bytes:
    return packed(Image.fromarray(values), form)


def noted() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "x" * 1000)
    return packed(grey(), "PNG", pnginfo=notes)


RGB = Image.new("RGB", (8, 6), (200, 100, 50))
PALETTE = RGB.convert("P", palette=Image.Palette.ADAPTIVE)
HALF = Image.new("LA", (8, 6), (0, 128))
HIGH = np.full((6, 8), 65_535, np.uint16)
FORMS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
SUFFIX = {"PNG": ".png", "JPEG": ".jpg", "BMP": ".bmp", "GIF": ".gif", "WEBP": ".webp",
          "TIFF": ".tif", "PPM": ".ppm"}  # fmt: skip

Odd = tuple[str, Callable[[], bytes], tuple[int, int, int] | str]

#: Name, content, and the shape (H, W, C) it becomes or a part of the reason why it is refused.
GOOD: list[Odd] = [
    *((f"pixel{SUFFIX[f]}", lambda f=f: packed(RGB.resize((1, 1)), f), (1, 1, 3)) for f in FORMS),
    *((f"line{SUFFIX[f]}", lambda f=f: packed(RGB.resize((500, 1)), f), (1, 500, 3))
      for f in FORMS),
    *((f"column{SUFFIX[f]}", lambda f=f: packed(RGB.resize((1, 500)), f), (500, 1, 3))
      for f in FORMS),
    *((f"turned-{o}.jpg", lambda o=o: turned(o, "JPEG"), (6, 8, 3) if o < 5 else (8, 6, 3))
      for o in range(1, 9)),
    ("turned.png", lambda: turned(6, "PNG"), (8, 6, 3)),
    ("turned.webp", lambda: turned(8, "WEBP"), (8, 6, 3)),
    ("cmyk.jpg", lambda: packed(RGB.convert("CMYK"), "JPEG"), (6, 8, 3)),
    ("cmyk.tif", lambda: packed(RGB.convert("CMYK"), "TIFF"), (6, 8, 3)),
    ("lab.tif", lambda: packed(Image.new("LAB", (8, 6)), "TIFF"), (6, 8, 3)),
    ("ycc.tif", lambda: packed(RGB.convert("YCbCr"), "TIFF"), (6, 8, 3)),
    ("palette.png", lambda: packed(PALETTE, "PNG"), (6, 8, 3)),
    ("palette-clear.png", lambda: packed(PALETTE, "PNG", transparency=0), (6, 8, 3)),
    ("palette-clear.gif", lambda: packed(PALETTE, "GIF", transparency=0), (6, 8, 3)),
    ("palette.bmp", lambda: packed(PALETTE, "BMP"), (6, 8, 3)),
    ("alpha.png", lambda: packed(HALF, "PNG"), (6, 8, 1)),
    ("alpha.tif", lambda: packed(HALF.convert("RGBA"), "TIFF"), (6, 8, 3)),
    ("alpha.webp", lambda: packed(HALF.convert("RGBA"), "WEBP", lossless=True), (6, 8, 3)),
    ("bits.png", lambda: packed(grey().convert("1"), "PNG"), (6, 8, 1)),
    ("bits.tif", lambda: packed(grey().convert("1"), "TIFF"), (6, 8, 1)),
    ("bits.pbm", lambda: packed(grey().convert("1"), "PPM"), (6, 8, 1)),
    ("deep.png", lambda: deep(HIGH, "PNG"), (6, 8, 1)),
    ("deep.tif", lambda: deep(HIGH, "TIFF"), (6, 8, 1)),
    ("whole.tif", lambda: deep(np.full((6, 8), -7, np.int32), "TIFF"), (6, 8, 1)),
    ("float.tif", lambda: deep(np.full((6, 8), 0.5, np.float32), "TIFF"), (6, 8, 1)),
    ("moving.gif", lambda: packed(RGB, "GIF", save_all=True, append_images=[grey(), RGB]),
     (6, 8, 3)),
    ("moving.webp", lambda: packed(RGB, "WEBP", save_all=True, append_images=[RGB.rotate(180)]),
     (6, 8, 3)),
    ("pages.tif", lambda: packed(RGB, "TIFF", save_all=True, append_images=[RGB] * 30), (6, 8, 3)),
    ("interlaced.gif", lambda: packed(PALETTE, "GIF", interlace=1), (6, 8, 3)),
    ("progressive.jpg", lambda: packed(RGB, "JPEG", progressive=True), (6, 8, 3)),
    ("packed.tif", lambda: packed(RGB, "TIFF", compression="tiff_lzw"), (6, 8, 3)),
    ("noted.png", noted, (6, 8, 1)),
    ("LOUD.JPEG", lambda: packed(grey(), "JPEG"), (6, 8, 1)),
    ("ünï 猫 🎈.png", lambda: packed(grey(), "PNG"), (6, 8, 1)),
    ("behind.png", lambda: packed(grey(), "PNG") + b"more behind its end", (6, 8, 1)),
]  # fmt: skip
BAD: list[Odd] = [
    ("empty.png", bytes, "it is empty"),
    ("one byte.png", lambda: b"\x89", "known format"),
    ("zeros.jpg", lambda: bytes(1000), "known format"),
    ("page.jpg", lambda: b"<!doctype html><html></html>", "known format"),
    ("drawing.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "known format"),
    ("wrong.jpg", lambda: packed(grey(), "PNG"), "its name says .jpg but it is a PNG file"),
    ("wrong.png", lambda: packed(grey(), "JPEG"), "its name says .png but it is a JPEG file"),
    ("no ending", lambda: packed(grey(), "PNG"), "its name says nothing but it is a PNG file"),
    ("cut.png", lambda: packed(RGB.resize((200, 200)), "PNG")[:60], "it"),
    ("cut.jpg", lambda: packed(RGB.resize((200, 200)), "JPEG")[:700], "it is cut off"),
    ("nothing.tif", lambda: deep(np.full((6, 8), np.nan, np.float32), "TIFF"), "no finite value"),
    ("icon.png", lambda: packed(RGB.resize((16, 16)), "ICO"), "known format"),
]


def test_that_there_are_sixty_four_of_them() -> None:
    assert len(GOOD) + len(BAD) >= 64
    assert len({name for name, _, _ in GOOD + BAD}) == len(GOOD) + len(BAD)


@pytest.mark.parametrize(("name", "make", "shape"), GOOD, ids=[name for name, _, _ in GOOD])
def test_that_an_odd_picture_is_taken(name: str, make, shape, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    picture = decode_picture(path)
    assert picture.shape == shape
    assert picture.dtype == np.uint8


@pytest.mark.parametrize(("name", "make", "reason"), BAD, ids=[name for name, _, _ in BAD])
def test_that_a_bad_picture_is_refused_with_its_reason(
    name: str, make, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(PictureRefused) as caught:
        decode_picture(path)
    assert reason in caught.value.sentence
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("name", "value"), [("deep.png", 255), ("whole.tif", 0), ("float.tif", 128), ("alpha.png", 127)]
)
def test_that_values_follow_the_stated_rules(name: str, value: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(next(make for known, make, _ in GOOD if known == name)())
    assert decode_picture(path)[0, 0, 0] == value
