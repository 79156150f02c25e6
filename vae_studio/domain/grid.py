"""What a sample grid looks like; ``imaging.tile`` draws it, ``export`` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Literal

from vae_studio.domain.errors import StudioError

Background = Literal["black", "white", "transparent"]


@dataclass(frozen=True)
class PagePreset:
    """A page a grid is centred on; ``size_px`` is None for a picture cut to the grid.

    ``dpi`` makes the picture as large as a slide (7.5 inches high) when a program pastes it.
    """

    name: str
    label: str
    size_px: tuple[int, int] | None
    dpi: int = 144


PAGES: dict[str, PagePreset] = {
    page.name: page
    for page in (
        PagePreset("grid", "just the grid", None),
        PagePreset("slide-16:9", "slide 16:9 (1920 × 1080)", (1920, 1080)),
        PagePreset("slide-4:3", "slide 4:3 (1600 × 1200)", (1600, 1200), 160),
    )
}

#: What stands under the title unless the person writes something else; see export.caption.
CAPTION_TEMPLATE = "{dataset} · {units} units · β = {beta} · step {step}"

MAX_TEXT = 200  # characters of a title or caption; longer ones cannot be read on a slide

MAX_SIDE_PX = 16_384  # a larger PNG opens in few programs and needs > 1 GB to compose


@dataclass(frozen=True)
class SampleGridSpec:
    """Rows × columns of decoded prior samples. ``scale`` is screen pixels per picture pixel.

    On a page (``page`` other than "grid") ``scale`` 0 means: as large as fits, in whole pixels.
    ``temperature`` multiplies the prior's standard deviation. ``border_px`` is empty background
    around the grid. ``title`` and ``caption`` stand above it and may name facts of the run
    ("{dataset}", "{step}", …). ``label_rows`` shows a conditional model: a row for each class, and
    the same code down each column.
    """

    rows: int = 8
    columns: int = 8
    gap_px: int = 2
    scale: int = 4
    seed: int = 0
    temperature: float = 1.0
    background: Background = "black"
    title: str = ""
    page: str = "grid"
    border_px: int = 0
    caption: str = ""
    label_rows: bool = False

    def __post_init__(self) -> None:
        within = (
            ("rows", self.rows, 1, 200), ("columns", self.columns, 1, 200),
            ("gap", self.gap_px, 0, 200), ("scale", self.scale, 0, 64),
            ("temperature", self.temperature, 0.0, 10.0), ("seed", self.seed, 0, 2**63 - 1),
            ("border", self.border_px, 0, 1000),
        )  # fmt: skip
        for name, value, low, high in within:
            if name != "temperature" and not isinstance(value, Integral):
                raise StudioError(f"The grid's {name} must be a whole number; it is {value!r}.")
            if not low <= value <= high:
                raise StudioError(
                    f"The grid's {name} must lie between {low} and {high}; it is {value}."
                )
        for name, text in (("title", self.title), ("caption", self.caption)):
            if len(text) > MAX_TEXT:
                raise StudioError(
                    f"The grid's {name} may have {MAX_TEXT} characters; it has {len(text)}."
                )
        if self.background not in ("black", "white", "transparent"):
            raise StudioError(
                f"The background '{self.background}' is not known; use black, white or transparent."
            )
        if self.page not in PAGES:
            raise StudioError(
                f"The page '{self.page}' is not known; use one of: {', '.join(PAGES)}."
            )
        if self.page == "grid" and self.scale == 0:
            raise StudioError("The grid's scale must be at least 1 when there is no page to fit.")

    @property
    def count(self) -> int:
        """How many pictures the grid holds."""
        return self.rows * self.columns
