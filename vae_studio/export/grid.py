"""A sample grid as the bytes of a PNG: what the preview shows, the file holds, the slide gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vae_studio.domain.atomic import write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import PAGES, Background, SampleGridSpec
from vae_studio.export.caption import fill
from vae_studio.export.layout import Layout, lay_out
from vae_studio.export.provenance import Provenance, check_clean, text_chunk
from vae_studio.imaging.encode import png_bytes
from vae_studio.imaging.text import stamp
from vae_studio.imaging.tile import Pixels, blank, tile

#: Greys of title and caption on each background. On clear ground #767676 has the same contrast,
#: 4.5 : 1, against a white slide and a black one.
INK: dict[Background, tuple[int, int]] = {
    "black": (242, 166),
    "white": (24, 96),
    "transparent": (118, 118),
}

LARGE_BYTES = 32 << 20  # beyond it the compressor's last few per cent cost a second
THOROUGH, QUICK = 6, 3


def sample_grid_png(pictures_NHWC: Pixels, spec: SampleGridSpec, provenance: Provenance) -> bytes:
    """The PNG of ``spec.count`` pictures (N, H, W, C), C = 1 or 3, with title and provenance.

    Pure: the same arguments give the same bytes. Raises StudioError for a spec that cannot be
    drawn (too large, does not fit its page, a character without a glyph).
    """
    if len(pictures_NHWC) != spec.count:
        raise ValueError(f"the grid has {spec.count} cells, not {len(pictures_NHWC)}")
    layout = _layout(spec, pictures_NHWC.shape[1:], provenance)
    pixels = _compose(pictures_NHWC, spec, layout)
    return png_bytes(
        pixels,
        text=text_chunk(provenance, spec),
        dpi=PAGES[spec.page].dpi,
        level=QUICK if pixels.nbytes > LARGE_BYTES else THOROUGH,
    )


def grid_size(
    spec: SampleGridSpec, shape: tuple[int, int, int], provenance: Provenance | None = None
) -> tuple[int, int]:
    """Width and height of the PNG for pictures of ``shape`` (H, W, C), without drawing it.

    A caption that names facts may break into other lines than its template does, so without its
    ``provenance`` the height is exact only for slides and plain texts.
    """
    return _layout(spec, shape, provenance).size_px


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, out of its header (bytes 16 to 24)."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def write_grid(path: Path, png: bytes) -> None:
    """Write the PNG whole, after checking that our own note is all it says about its origin.

    Raises StudioError naming the path and the cause; a file that was there before stays.
    """
    if path.suffix.lower() != ".png":
        raise StudioError(f"A sample grid is a PNG picture; '{path.name}' should end in .png.")
    check_clean(png)
    write_atomically(path, png)


def _layout(spec: SampleGridSpec, shape: tuple[int, ...], provenance: Provenance | None) -> Layout:
    facts = provenance.facts() if provenance else {}
    texts = (fill(text, facts) if provenance else text for text in (spec.title, spec.caption))
    return lay_out(spec, (shape[0], shape[1], shape[2]), *texts)


def _compose(pictures_NHWC: Pixels, spec: SampleGridSpec, layout: Layout) -> Pixels:
    tiles = tile(
        pictures_NHWC,
        rows=spec.rows,
        columns=spec.columns,
        gap_px=spec.gap_px,
        scale=layout.scale,
        border_px=spec.border_px,
        background=spec.background,
    )
    height, width, channels = tiles.shape
    if (width, height) == layout.size_px:
        return np.ascontiguousarray(tiles)
    canvas = blank(layout.size_px[1], layout.size_px[0], channels, spec.background)
    left, top = layout.tiles_at
    canvas[top : top + height, left : left + width] = tiles
    for line in layout.lines:
        ink = INK[spec.background][0 if line.is_title else 1]
        stamp(canvas, line.text, line.weight, line.size_px, line.at, ink)
    return canvas
