"""Lines of text as coverage masks, drawn from the bundled font: the same on every machine.

A size is the font's em in pixels. A position is that of the baseline's left end.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from vae_studio.domain.errors import StudioError
from vae_studio.imaging.tile import Pixels
from vae_studio.resources import resource

Weight = Literal["Regular", "Medium", "SemiBold"]

SMALLEST_PX = 12  # below it Inter's counters close up
SHRINK = 0.94  # from one tried size to the next; finer steps cannot be seen


@dataclass(frozen=True)
class Fitted:
    """Text broken into lines at the size at which they fit."""

    lines: tuple[str, ...]
    size_px: int
    weight: Weight


def text_width(line: str, weight: Weight, size_px: int) -> int:
    """Pixels that one line is wide, rounded up."""
    return int(np.ceil(_font(weight, size_px).getlength(line)))


def fit(text: str, weight: Weight, *, size_px: int, width_px: int, max_lines: int) -> Fitted:
    """The text in at most ``max_lines`` lines of ``width_px``, at ``size_px`` or smaller.

    White space is one space. Text too long even at the smallest size gets more lines. Raises
    StudioError naming the characters that the bundled font cannot write.
    """
    words = text.split()
    _check_writable(words)
    size = max(size_px, SMALLEST_PX)
    while size > SMALLEST_PX and not _fits(words, weight, size, width_px, max_lines):
        size = max(SMALLEST_PX, int(size * SHRINK))
    return Fitted(_balanced(words, weight, size, width_px), size, weight)


def stamp(
    canvas_HWC: Pixels, line: str, weight: Weight, size_px: int, at: tuple[int, int], ink: int
) -> None:
    """Write one line on the canvas in the grey ``ink``; what lies outside the canvas is cut off."""
    mask, left, top = _coverage(line, weight, size_px)
    x, y = at[0] + left, at[1] + top
    height, width = canvas_HWC.shape[:2]
    inside_y = slice(max(0, -y), max(0, min(mask.shape[0], height - y)))
    inside_x = slice(max(0, -x), max(0, min(mask.shape[1], width - x)))
    target = canvas_HWC[
        y + inside_y.start : y + inside_y.stop, x + inside_x.start : x + inside_x.stop
    ]
    _blend(target, mask[inside_y, inside_x], ink)


def _blend(target_HWC: Pixels, mask_HW: Pixels, ink: int) -> None:
    share = mask_HW[..., None].astype(np.float32) / 255
    if target_HWC.shape[2] == 4:  # on clear ground the colour is the ink's, the edge is alpha
        written = mask_HW > 0
        target_HWC[written, :3] = ink
        target_HWC[..., 3] = np.maximum(target_HWC[..., 3], mask_HW)
    else:
        target_HWC[...] = np.rint(target_HWC + (ink - target_HWC.astype(np.float32)) * share)


def _coverage(line: str, weight: Weight, size_px: int) -> tuple[Pixels, int, int]:
    """The line's mask and where its top left lies from the baseline's left end."""
    left, top, right, bottom = (
        int(edge) for edge in _font(weight, size_px).getbbox(line, anchor="ls")
    )
    picture = Image.new("L", (right - left + 2, bottom - top + 2))
    drawing = ImageDraw.Draw(picture)
    drawing.text((1 - left, 1 - top), line, fill=255, font=_font(weight, size_px), anchor="ls")
    return np.asarray(picture), left - 1, top - 1


def _fits(words: list[str], weight: Weight, size_px: int, width_px: int, max_lines: int) -> bool:
    if any(text_width(word, weight, size_px) > width_px for word in words):
        return False
    return len(_wrapped(words, weight, size_px, width_px)) <= max_lines


def _wrapped(words: list[str], weight: Weight, size_px: int, width_px: int) -> list[str]:
    """Greedy lines no wider than ``width_px``; only a single word may be wider."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, weight, size_px) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(words: list[str], weight: Weight, size_px: int, width_px: int) -> tuple[str, ...]:
    """As few lines as greedy ones, but about equally long: no lone last word."""
    lines = _wrapped(words, weight, size_px, width_px)
    low, high = 1, width_px
    while len(lines) > 1 and low < high:
        middle = (low + high) // 2
        if len(_wrapped(words, weight, size_px, middle)) <= len(lines):
            high = middle
        else:
            low = middle + 1
    return tuple(_wrapped(words, weight, size_px, high)) if len(lines) > 1 else tuple(lines)


def _check_writable(words: list[str]) -> None:
    missing = "".join(dict.fromkeys(c for word in words for c in word if not _is_writable(c)))
    if missing:
        named = " ".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in missing[:8])
        raise StudioError(
            f"The bundled font cannot write {named}; it has Latin and Greek letters and "
            "mathematical signs. Leave the text out and write it in the slide program."
        )


@lru_cache(maxsize=4096)
def _is_writable(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
        return False
    if unicodedata.category(character) == "Cf":  # joiners and direction marks draw nothing
        return True
    plain = unicodedata.normalize("NFD", character)
    return _mask(character) != _mask("\uffff") or (len(plain) > 1 and all(map(_is_writable, plain)))


def _mask(character: str) -> bytes:
    return bytes(_font("Regular", 24).getmask(character))


@lru_cache(maxsize=64)
def _font(weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    # the Raqm engine kerns; where a machine lacks it, letters stand a little wider
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    path = resource("fonts", f"Inter-{weight}.otf")
    return ImageFont.truetype(str(path), size_px, layout_engine=engine)
