"""A sample grid: the same bytes every time, crisp pixels, and a note of where it came from."""

from __future__ import annotations

import hashlib
import stat
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import CAPTION_TEMPLATE, SampleGridSpec
from vae_studio.export.grid import grid_size, sample_grid_png, write_grid
from vae_studio.export.provenance import Provenance
from vae_studio.imaging.tile import Pixels, tile

KNOWN = Provenance(
    run_id="r1", run_name="first light", config_hash="c0ffee", step=2574, seed=7, temperature=0.8,
    convention="grey-BCE", dataset="MNIST", units=20, beta=4.0,
)  # fmt: skip
PLAIN = SampleGridSpec(rows=2, columns=3, scale=3)
SLIDE = SampleGridSpec(page="slide-16:9", scale=0, title="Samples", caption=CAPTION_TEMPLATE)


def pictures(count: int, channels: int = 1) -> Pixels:
    generator = np.random.default_rng(3)
    return generator.integers(0, 256, (count, 28, 28, channels)).astype(np.uint8)


def draw(spec: SampleGridSpec, channels: int = 1) -> Pixels:
    png = sample_grid_png(pictures(spec.count, channels), spec, KNOWN)
    decoded = np.asarray(Image.open(BytesIO(png)))
    return decoded if decoded.ndim == 3 else decoded[..., None]


@pytest.mark.parametrize("channels", [1, 3])
def test_that_a_plain_grid_holds_exactly_the_tiles(channels: int) -> None:
    expected = tile(pictures(6, channels), rows=2, columns=3, gap_px=2, scale=3)
    assert np.array_equal(draw(PLAIN, channels), expected)


@pytest.mark.parametrize("background", ["black", "white", "transparent"])
@pytest.mark.parametrize("page", ["grid", "slide-16:9", "slide-4:3"])
def test_that_the_size_announced_is_the_size_drawn(page: str, background: str) -> None:
    spec = replace(SLIDE, page=page, scale=2, background=background)  # type: ignore[arg-type]
    drawn = draw(spec)
    assert drawn.shape[1::-1] == grid_size(spec, (28, 28, 1), KNOWN)
    assert drawn.shape[2] == (4 if background == "transparent" else 1)


def test_that_the_same_wish_gives_the_same_bytes_and_another_seed_another_note() -> None:
    first = sample_grid_png(pictures(64), SLIDE, KNOWN)
    assert first == sample_grid_png(pictures(64), replace(SLIDE), replace(KNOWN))
    assert first != sample_grid_png(pictures(64), SLIDE, replace(KNOWN, seed=8))


def test_that_a_known_grid_has_the_pixels_it_always_had() -> None:
    spec = replace(PLAIN, gap_px=1, border_px=5, background="white")
    ramps = (np.arange(6 * 28 * 28) * 7 % 256).astype(np.uint8).reshape(6, 28, 28, 1)
    png = sample_grid_png(ramps, spec, KNOWN)
    digest = hashlib.sha256(np.asarray(Image.open(BytesIO(png))).tobytes()).hexdigest()
    assert digest[:16] == "48bf748aff85612d"


def test_that_pictures_on_a_slide_keep_every_pixel() -> None:
    drawn = draw(SLIDE)
    expected = tile(pictures(64), rows=8, columns=8, gap_px=2, scale=4)
    left = (1920 - 910) // 2
    tops = [
        top
        for top in range(1080 - 910 + 1)
        if np.array_equal(drawn[top : top + 910, left : left + 910], expected)
    ]
    assert len(tops) == 1


def test_that_the_title_is_written_above_the_pictures() -> None:
    with_title, without = draw(SLIDE), draw(replace(SLIDE, title="", caption=""))
    assert with_title[:120].max() > 200
    assert without[:60].max() == 0


@pytest.mark.parametrize(("background", "low", "high"), [("black", 0, 242), ("white", 24, 255)])
def test_that_the_title_stands_out_from_the_background(
    background: str, low: int, high: int
) -> None:
    head = draw(replace(SLIDE, background=background, caption=""))[:80]  # type: ignore[arg-type]
    assert (head.min(), head.max()) == (low, high)


def test_that_a_wrong_number_of_pictures_is_refused() -> None:
    with pytest.raises(ValueError, match="6 cells, not 5"):
        sample_grid_png(pictures(5), PLAIN, KNOWN)


def test_that_a_slide_pastes_as_large_as_a_slide() -> None:
    for page, inches in (("slide-16:9", 13.333), ("slide-4:3", 10.0)):
        png = sample_grid_png(pictures(64), replace(SLIDE, page=page), KNOWN)
        picture = Image.open(BytesIO(png))
        assert picture.width / picture.info["dpi"][0] == pytest.approx(inches, abs=0.01)
        assert picture.height / picture.info["dpi"][1] == pytest.approx(7.5, abs=0.01)


def test_that_a_written_file_holds_the_bytes_of_the_preview(tmp_path: Path) -> None:
    png = sample_grid_png(pictures(6), PLAIN, KNOWN)
    write_grid(tmp_path / "grid.png", png)
    assert (tmp_path / "grid.png").read_bytes() == png
    assert [file.name for file in tmp_path.iterdir()] == ["grid.png"]


def test_that_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"'grid\.jpg' should end in \.png"):
        write_grid(tmp_path / "grid.jpg", sample_grid_png(pictures(6), PLAIN, KNOWN))
    assert not list(tmp_path.iterdir())


def test_that_a_vanished_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="gone") as refusal:
        write_grid(tmp_path / "gone" / "grid.png", sample_grid_png(pictures(6), PLAIN, KNOWN))
    assert str(refusal.value).count(".") <= 2


@pytest.mark.skipif(sys.platform == "win32", reason="folders there have no write bit")
def test_that_a_file_that_cannot_be_replaced_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "grid.png"
    target.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(StudioError, match="permission"):
        write_grid(target, sample_grid_png(pictures(6), PLAIN, KNOWN))
    assert target.read_bytes() == b"old"
    assert stat.S_ISREG(target.stat().st_mode)
    assert [file.name for file in tmp_path.iterdir()] == ["grid.png"]


def test_that_a_grid_of_sixty_four_is_drawn_and_written_in_a_blink(tmp_path: Path) -> None:
    fastest = float("inf")
    for number in range(5):
        started = time.perf_counter()
        write_grid(tmp_path / f"{number}.png", sample_grid_png(pictures(64), SLIDE, KNOWN))
        fastest = min(fastest, time.perf_counter() - started)
    assert fastest < 0.15
