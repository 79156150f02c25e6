"""Where title, caption and pictures stand: numbers only, nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import MAX_SIDE_PX, PAGES, SampleGridSpec
from vae_studio.imaging.text import Fitted, Weight, fit, text_width
from vae_studio.imaging.tile import tiled_size

# On a slide 1080 px high these make a title of 28 pt, a caption of 14 pt, and leave the height
# that 8 × 8 pictures of 28 px need at four pixels a pixel.
PAGE_MARGIN = 1 / 38.5
PAGE_TITLE = 1 / 19.3
PAGE_CAPTION = 1 / 38.5
PAGE_LINES = 2

# Without a page the text is as wide as the pictures; sizes follow that width.
GRID_TITLE = 1 / 20
GRID_TITLE_PX = (17, 72)
GRID_CAPTION = 0.58  # of the title
GRID_LINES = 3
NARROWEST_TEXT_PX = 240  # a single column of pictures must not break a title into letters

BASELINE_EM = 0.78  # from the top of a line's box to its baseline: capitals and a little air
LEADING_EM = 1.18


@dataclass(frozen=True)
class Line:
    """One line of text; ``at`` is the left end of its baseline."""

    text: str
    weight: Weight
    size_px: int
    at: tuple[int, int]
    is_title: bool


@dataclass(frozen=True)
class Layout:
    """The whole picture: its size, where the tiles begin, at which scale, and the text."""

    size_px: tuple[int, int]
    tiles_at: tuple[int, int]
    scale: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _TextBlock:
    """Title and caption, fitted, one above the other; heights in pixels."""

    parts: tuple[Fitted, ...]
    between_px: int
    below_px: int

    @property
    def height(self) -> int:
        if not self.parts:
            return 0
        heights = sum(_height(part) for part in self.parts)
        return heights + self.between_px * (len(self.parts) - 1) + self.below_px

    @property
    def width(self) -> int:
        return max(
            (
                text_width(line, part.weight, part.size_px)
                for part in self.parts
                for line in part.lines
            ),
            default=0,
        )


def lay_out(
    spec: SampleGridSpec, shape: tuple[int, int, int], title: str = "", caption: str = ""
) -> Layout:
    """The layout of a grid of pictures of ``shape`` (H, W, C); texts are already filled in.

    Raises StudioError, with the remedy, for a grid that does not fit on its page or is larger than
    MAX_SIDE_PX.
    """
    page = PAGES[spec.page].size_px
    if page is None:
        return _cut_to_grid(spec, shape, title, caption)
    return _on_page(spec, shape, page, title, caption)


def _on_page(
    spec: SampleGridSpec,
    shape: tuple[int, int, int],
    page: tuple[int, int],
    title: str,
    caption: str,
) -> Layout:
    width, height = page
    margin = round(height * PAGE_MARGIN)
    sizes = round(height * PAGE_TITLE), round(height * PAGE_CAPTION)
    block = _text_block(title, caption, sizes, width - 2 * margin, PAGE_LINES)
    room = width - 2 * margin, height - 2 * margin - block.height
    scale = _scale_within(spec, shape, room)
    grid_width, grid_height = _size(spec, shape, scale)
    # the text stays where slides have it; the pictures stand in the middle of what is left
    top = margin + block.height + (room[1] - grid_height) // 2
    return Layout(
        page, ((width - grid_width) // 2, top), scale, _lines(block, width, margin, bool(title))
    )


def _cut_to_grid(
    spec: SampleGridSpec, shape: tuple[int, int, int], title: str, caption: str
) -> Layout:
    grid_width, grid_height = _size(spec, shape, spec.scale)
    _check_side(grid_width, grid_height)
    low, high = GRID_TITLE_PX
    title_px = min(high, max(low, round(grid_width * GRID_TITLE)))
    sizes = title_px, round(title_px * GRID_CAPTION)
    block = _text_block(
        title, caption, sizes, max(grid_width - 2 * spec.border_px, NARROWEST_TEXT_PX), GRID_LINES
    )
    air = 0 if not block.parts else max(0, title_px // 2 - spec.border_px)
    width = max(grid_width, block.width + 2 * (air + spec.border_px) if block.parts else 0)
    height = grid_height + block.height + air
    _check_side(width, height)
    lines = _lines(block, width, spec.border_px + air, bool(title))
    return Layout(
        (width, height), ((width - grid_width) // 2, block.height + air), spec.scale, lines
    )


def _scale_within(spec: SampleGridSpec, shape: tuple[int, int, int], room: tuple[int, int]) -> int:
    """The asked-for scale if it fits, else the largest whole one that does."""
    free = _free(room[0], spec.columns, spec), _free(room[1], spec.rows, spec)
    largest = min(free[0] // (spec.columns * shape[1]), free[1] // (spec.rows * shape[0]))
    if largest < 1:
        raise StudioError(_too_many(spec, shape, room))
    return min(largest, spec.scale) if spec.scale else largest


def _free(room_px: int, cells: int, spec: SampleGridSpec) -> int:
    return room_px - (cells - 1) * spec.gap_px - 2 * spec.border_px


def _too_many(spec: SampleGridSpec, shape: tuple[int, int, int], room: tuple[int, int]) -> str:
    most = [
        (side - 2 * spec.border_px + spec.gap_px) // (pixels + spec.gap_px)
        for side, pixels in zip(room, (shape[1], shape[0]), strict=True)
    ]
    if min(most) < 1:
        return (
            f"Pictures of {shape[1]} × {shape[0]} pixels with this border do not fit on a "
            f"{PAGES[spec.page].label}; choose 'just the grid'."
        )
    return (
        f"{spec.rows} rows × {spec.columns} columns do not fit on a {PAGES[spec.page].label}: "
        f"there is room for {most[1]} rows × {most[0]} columns. Choose fewer, a smaller gap, or "
        "'just the grid'."
    )


def _check_side(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE_PX:
        raise StudioError(
            f"The picture would be {width:,} × {height:,} pixels; a side may have "
            f"{MAX_SIDE_PX:,}. Choose a smaller scale or fewer rows and columns."
        )


def _size(spec: SampleGridSpec, shape: tuple[int, int, int], scale: int) -> tuple[int, int]:
    return tiled_size(
        spec.rows, spec.columns, shape[0], shape[1],
        gap_px=spec.gap_px, scale=scale, border_px=spec.border_px,
    )  # fmt: skip


def _text_block(
    title: str, caption: str, sizes: tuple[int, int], width_px: int, max_lines: int
) -> _TextBlock:
    wanted: tuple[tuple[str, int, Weight], ...] = (
        (title, sizes[0], "SemiBold"),
        (caption, sizes[1], "Regular"),
    )
    parts = tuple(
        fit(text, weight, size_px=size, width_px=width_px, max_lines=max_lines)
        for text, size, weight in wanted
        if text.strip()
    )
    below = round(parts[-1].size_px * 0.55) if parts else 0
    return _TextBlock(parts, round(sizes[1] * 0.5), below)


def _height(part: Fitted) -> int:
    return round(part.size_px * (1 + LEADING_EM * (len(part.lines) - 1)))


def _lines(block: _TextBlock, width: int, top: int, has_title: bool) -> tuple[Line, ...]:
    """Every line, centred in ``width``, the first box beginning at ``top``."""
    lines: list[Line] = []
    for number, part in enumerate(block.parts):
        for row, text in enumerate(part.lines):
            left = (width - text_width(text, part.weight, part.size_px)) // 2
            baseline = top + round(part.size_px * (BASELINE_EM + LEADING_EM * row))
            is_title = has_title and number == 0
            lines.append(Line(text, part.weight, part.size_px, (left, baseline), is_title))
        top += _height(part) + block.between_px
    return tuple(lines)
