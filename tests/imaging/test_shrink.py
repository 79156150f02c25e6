"""A huge picture is shrunk step by step to exactly the means of its squares."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vae_studio.imaging import shrink
from vae_studio.imaging.encode import png_bytes
from vae_studio.imaging.shrink import png_size, shrink_steps
from vae_studio.imaging.tile import Pixels


def noise(height: int, width: int, channels: int) -> Pixels:
    generator = np.random.default_rng(5)
    return generator.integers(0, 256, (height, width, channels)).astype(np.uint8)


def shrunken(png: bytes, longest_px: int) -> tuple[Pixels, int]:
    """The picture and the number of steps it took."""
    *pauses, picture = shrink_steps(png, longest_px)
    assert all(pause is None for pause in pauses)
    assert picture is not None
    return picture, len(pauses)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(90, 60), (91, 62), (3, 200)])
def test_that_every_pixel_is_the_mean_of_its_square(
    height: int, width: int, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shrink, "STEP_BYTES", 2000)
    pixels = noise(height, width, channels)
    factor = -(-max(height, width) // 70)
    picture, _ = shrunken(png_bytes(pixels), 70)
    rows, columns = height // factor, width // factor
    squares = pixels[: rows * factor, : columns * factor].reshape(
        rows, factor, columns, factor, channels
    )
    assert np.array_equal(picture, np.rint(squares.mean(axis=(1, 3), dtype=np.float32)))


def test_that_a_picture_small_enough_comes_back_unchanged() -> None:
    pixels = noise(20, 30, 3)
    assert np.array_equal(shrunken(png_bytes(pixels), 30)[0], pixels)


def test_that_a_large_picture_takes_many_small_steps() -> None:
    pixels = np.zeros((3000, 3000, 1), np.uint8)
    picture, steps = shrunken(png_bytes(pixels), 1000)
    assert picture.shape == (1000, 1000, 1)
    assert steps >= 3000 * 3000 // shrink.STEP_BYTES


def test_that_the_size_is_read_from_the_header() -> None:
    assert png_size(png_bytes(noise(7, 5, 1))) == (5, 7)
    with pytest.raises(ValueError, match="not a PNG"):
        png_size(b"GIF89a")


def test_that_damage_is_told_and_never_shown() -> None:
    png = png_bytes(noise(40, 40, 1))
    start = png.index(b"IDAT") + 4
    torn = png[: start + 200]
    damaged = png[: start + 10] + b"\xff\xff\xff" + png[start + 13 :]
    for broken in (torn, damaged):
        with pytest.raises(ValueError, match="PNG"):
            shrunken(broken, 20)


def test_that_a_picture_of_another_program_is_refused(tmp_path: object) -> None:
    from io import BytesIO

    saved = BytesIO()
    Image.fromarray(noise(40, 40, 3)).save(saved, "PNG")
    with pytest.raises(ValueError, match="ours"):
        shrunken(saved.getvalue(), 20)
