"""Many pictures resized at once: to the bit what Pillow makes of each."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vae_studio.imaging import resize
from vae_studio.imaging.resize import Pictures, centre_square, resized, resized_to_square


def pictures(count: int, height: int, width: int, channels: int) -> Pictures:
    draw = np.random.default_rng(0)
    return draw.integers(0, 256, (count, height, width, channels)).astype(np.uint8)


def one_by_one(source: Pictures, side: int, method: Image.Resampling) -> Pictures:
    count, _, _, channels = source.shape
    images = [Image.fromarray(picture[..., 0] if channels == 1 else picture) for picture in source]
    small = [np.asarray(image.resize((side, side), method)) for image in images]
    return np.stack(small).reshape(count, side, side, channels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [1, 7, 14, 27, 28, 29, 64])
def test_that_all_at_once_is_one_by_one(side: int, channels: int, monkeypatch) -> None:
    monkeypatch.setattr(resize, "BLOCK_BYTES", 20_000)  # several blocks
    source = pictures(40, 28, 28, channels)
    method = Image.Resampling.BOX if side < 28 else Image.Resampling.BILINEAR
    np.testing.assert_array_equal(resized(source, side, side), one_by_one(source, side, method))


def test_that_shrinking_averages() -> None:
    board = np.indices((8, 8)).sum(0) % 2 * 255
    small = resized(board.astype(np.uint8)[None, :, :, None], 4, 4)
    assert set(small.ravel().tolist()) <= {127, 128}


@pytest.mark.parametrize("side", [3, 50])
def test_that_black_stays_black_and_white_white(side: int) -> None:
    source = np.zeros((2, 10, 10, 1), np.uint8)
    source[1] = 255
    answer = resized(source, side, side)
    assert (answer[0] == 0).all()
    assert (answer[1] == 255).all()


@pytest.mark.parametrize(("height", "width"), [(9, 5), (5, 9), (6, 6), (1, 4)])
def test_that_the_square_is_from_the_middle(height: int, width: int) -> None:
    source = pictures(2, height, width, 3)
    side = min(height, width)
    cut = centre_square(source)
    assert cut.shape == (2, side, side, 3)
    top, left = (height - side) // 2, (width - side) // 2
    np.testing.assert_array_equal(cut, source[:, top : top + side, left : left + side])
    assert resized_to_square(source, 4).shape == (2, 4, 4, 3)


def test_that_no_pictures_are_no_pictures() -> None:
    assert resized(pictures(0, 28, 28, 1), 14, 14).shape == (0, 14, 14, 1)
