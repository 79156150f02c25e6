"""Titles from the bundled font: they fit, stand where they should, and say what they cannot."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.imaging.text import SMALLEST_PX, fit, stamp, text_width
from vae_studio.imaging.tile import blank
from vae_studio.resources import resource


def test_that_the_fonts_and_their_licence_are_bundled_and_small() -> None:
    files = {file.name: file.stat().st_size for file in resource("fonts").iterdir()}
    assert {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "OFL.txt"} <= set(files)
    assert sum(files.values()) <= 700_000


def test_that_a_short_title_keeps_its_size_and_one_line() -> None:
    fitted = fit("Samples", "SemiBold", size_px=56, width_px=1000, max_lines=2)
    assert (fitted.lines, fitted.size_px) == (("Samples",), 56)


def test_that_a_long_title_breaks_into_lines_of_about_one_length() -> None:
    text = "What a variational autoencoder has learnt about digits after ten epochs"
    fitted = fit(text, "SemiBold", size_px=56, width_px=1864, max_lines=2)
    widths = [text_width(line, "SemiBold", fitted.size_px) for line in fitted.lines]
    assert len(widths) == 2
    assert min(widths) > 0.7 * max(widths)
    assert " ".join(fitted.lines) == text


def test_that_a_title_too_long_for_its_lines_shrinks() -> None:
    fitted = fit("word " * 40, "SemiBold", size_px=56, width_px=1200, max_lines=2)
    assert SMALLEST_PX < fitted.size_px < 56
    assert len(fitted.lines) <= 2
    assert all(text_width(line, "SemiBold", fitted.size_px) <= 1200 for line in fitted.lines)


def test_that_a_title_too_long_at_the_smallest_size_gets_more_lines() -> None:
    fitted = fit("word " * 40, "Regular", size_px=20, width_px=100, max_lines=2)
    assert fitted.size_px == SMALLEST_PX
    assert " ".join(fitted.lines).split() == ["word"] * 40


@pytest.mark.parametrize(
    "text", ["β-VAE: x̂ and z₁ → z₂", "Ångström, Łódź, Škoda", "σ² ≤ 10⁻³ · ∞", "“quotes” – dash…"]
)
def test_that_the_signs_of_the_field_can_be_written(text: str) -> None:
    assert fit(text, "Regular", size_px=24, width_px=900, max_lines=1).lines == (text,)


@pytest.mark.parametrize(
    ("text", "named"), [("漢字", "漢 字"), ("a\x07b", "U\\+0007"), ("😀", "😀")]
)
def test_that_a_sign_without_a_glyph_is_named(text: str, named: str) -> None:
    with pytest.raises(StudioError, match=f"cannot write {named}"):
        fit(text, "Regular", size_px=24, width_px=900, max_lines=1)


def test_that_text_stands_on_its_baseline() -> None:
    canvas = blank(60, 200, 1, "black")
    stamp(canvas, "HHH", "SemiBold", 40, (10, 50), 255)
    written = np.argwhere(canvas[..., 0] > 127)
    assert 48 <= written[:, 0].max() <= 50
    assert 10 <= written[:, 1].min() <= 16
    assert 0.68 * 40 <= 50 - written[:, 0].min() <= 0.78 * 40  # the height of Inter's capitals


def test_that_text_beyond_the_canvas_is_cut_off() -> None:
    canvas = blank(20, 30, 3, "white")
    stamp(canvas, "A long line", "Regular", 40, (-5, 10), 0)
    assert canvas.min() < 128
    outside = blank(20, 30, 3, "white")
    stamp(outside, "A long line", "Regular", 40, (500, 500), 0)
    assert (outside == 255).all()


def test_that_text_on_clear_ground_keeps_soft_edges_in_alpha() -> None:
    canvas = blank(60, 200, 4, "transparent")
    stamp(canvas, "Soft", "Regular", 40, (10, 50), 118)
    alpha = canvas[..., 3]
    assert {0, 255} < set(np.unique(alpha).tolist())
    assert (canvas[alpha > 0, :3] == 118).all()
    assert not canvas[alpha == 0].any()
