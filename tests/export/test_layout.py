"""Title, caption and pictures stand where a slide has them, in whole pixels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import PAGES, SampleGridSpec
from vae_studio.export.layout import Layout, lay_out
from vae_studio.imaging.tile import tiled_size

DIGITS = (28, 28, 1)
SLIDE = SampleGridSpec(page="slide-16:9", scale=0)


def grid_box(spec: SampleGridSpec, layout: Layout) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the tiles."""
    width, height = tiled_size(
        spec.rows, spec.columns, *DIGITS[:2],
        gap_px=spec.gap_px, scale=layout.scale, border_px=spec.border_px,
    )  # fmt: skip
    left, top = layout.tiles_at
    return left, top, left + width, top + height


def test_that_a_grid_without_text_is_cut_to_its_pictures() -> None:
    layout = lay_out(SampleGridSpec(), DIGITS)
    assert layout == Layout((910, 910), (0, 0), 4, ())


def test_that_a_border_surrounds_the_pictures() -> None:
    assert lay_out(SampleGridSpec(border_px=10), DIGITS).size_px == (930, 930)


@pytest.mark.parametrize(("title", "caption"), [("", ""), ("Samples", ""), ("Samples", "step 12")])
def test_that_sixty_four_digits_fill_a_slide_at_four_pixels_a_pixel(
    title: str, caption: str
) -> None:
    layout = lay_out(SLIDE, DIGITS, title, caption)
    assert layout.size_px == (1920, 1080)
    assert layout.scale == 4


@pytest.mark.parametrize("page", ["slide-16:9", "slide-4:3"])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (4, 10), (8, 8), (3, 30), (20, 2)])
def test_that_the_next_larger_scale_would_not_fit(page: str, rows: int, columns: int) -> None:
    spec = replace(SLIDE, page=page, rows=rows, columns=columns)
    layout = lay_out(spec, DIGITS, "Samples", "step 12")
    width, height = PAGES[page].size_px or (0, 0)
    left, top, right, bottom = grid_box(spec, layout)
    assert left >= 0
    assert top > layout.lines[-1].at[1]
    assert right <= width
    assert bottom <= height
    assert abs(left - (width - right)) <= 1
    larger = tiled_size(rows, columns, 28, 28, gap_px=2, scale=layout.scale + 1)
    margin = height - bottom
    assert larger[0] > width - 56 or larger[1] > height - top - margin + 2 * (margin - 28)


def test_that_a_smaller_scale_is_kept_and_a_larger_one_gives_way() -> None:
    assert lay_out(replace(SLIDE, scale=2), DIGITS).scale == 2
    assert lay_out(replace(SLIDE, scale=9), DIGITS).scale == 4


def test_that_pictures_too_many_for_a_page_are_refused_with_a_remedy() -> None:
    with pytest.raises(StudioError, match=r"do not fit.*room for 34 rows × 62 columns") as refusal:
        lay_out(replace(SLIDE, rows=100, columns=100), DIGITS)
    fitting = replace(SLIDE, rows=34, columns=62)
    assert lay_out(fitting, DIGITS).scale == 1
    assert "just the grid" in str(refusal.value)


def test_that_pictures_larger_than_a_page_are_refused() -> None:
    with pytest.raises(StudioError, match="2000 × 2000 pixels"):
        lay_out(replace(SLIDE, rows=1, columns=1), (2000, 2000, 3))


def test_that_a_picture_no_program_opens_is_refused_with_its_size() -> None:
    with pytest.raises(StudioError, match="17,994 × 894 pixels"):
        lay_out(SampleGridSpec(columns=200, rows=10, gap_px=6, scale=3), DIGITS)


def test_that_text_widens_a_narrow_grid_rather_than_break_into_letters() -> None:
    layout = lay_out(SampleGridSpec(rows=6, columns=1, scale=1), DIGITS, "A column of samples")
    assert len(layout.lines) == 1
    assert layout.size_px[0] >= 150
    left, _, right, _ = grid_box(SampleGridSpec(rows=6, columns=1, scale=1), layout)
    assert abs(left - (layout.size_px[0] - right)) <= 1


def test_that_the_title_stands_above_the_caption_above_the_pictures() -> None:
    for spec in (SLIDE, SampleGridSpec()):
        layout = lay_out(spec, DIGITS, "Samples", "step 12")
        title, caption = layout.lines
        assert title.is_title
        assert not caption.is_title
        assert title.size_px > caption.size_px
        assert title.at[1] < caption.at[1] - caption.size_px // 2
        assert caption.at[1] < layout.tiles_at[1]


def test_that_a_caption_alone_is_no_title() -> None:
    (line,) = lay_out(SLIDE, DIGITS, "", "step 12").lines
    assert not line.is_title
