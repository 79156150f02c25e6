"""What the files of a folder are before they are decoded and resized: sizes, kinds, bit depths.

Only headers are read, so that a look at thousands of files costs seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from vae_studio.domain.preflight import Files
from vae_studio.imaging.decode import OPENED, SUFFIXES

MOST_FILES = 20_000  # evenly spaced among more: their sizes and kinds are told by these
AT_ONCE = 32  # headers between two breaths: a few milliseconds
LISTED = 4

#: Channels and bits of Pillow's modes; everything else is named as Pillow does.
MODES = {
    "1": "grey, 1 bit", "L": "grey, 8 bit", "LA": "grey with transparency, 8 bit",
    "P": "palette, 8 bit", "RGB": "RGB, 8 bit", "RGBA": "RGB with transparency, 8 bit",
    "CMYK": "CMYK, 8 bit", "I": "grey, 32 bit", "F": "grey, floating point",
}  # fmt: skip


def survey(folder: Path, names: Sequence[str]) -> Iterator[Files]:
    """Read the headers of the files of these names below ``folder``; yields what is known so far,
    the last time all of it.
    """
    every = max(1, -(-len(names) // MOST_FILES))
    chosen = names[::every]
    sizes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for start in range(0, len(chosen), AT_ONCE):
        for name in chosen[start : start + AT_ONCE]:
            size, kind = _header(folder / name)
            sizes[size] += 1
            kinds[kind] += 1
        yield Files(
            min(start + AT_ONCE, len(chosen)), len(names),
            tuple(sizes.most_common(LISTED)), tuple(kinds.most_common(LISTED)),
        )  # fmt: skip


def _header(path: Path) -> tuple[str, str]:
    if path.suffix.lower() not in SUFFIXES:
        return "unknown", "DICOM"
    try:
        with Image.open(path, formats=OPENED) as image:
            width, height = image.size
            kind = MODES.get(image.mode, "grey, 16 bit" if image.mode[:1] == "I" else image.mode)
            return f"{width} × {height}", f"{image.format}, {kind}"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "unknown", "gone or changed since it was loaded"
