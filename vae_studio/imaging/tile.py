"""Many small pictures as one, pixel for pixel.

Shapes: N pictures, H × W pixels, C channels (1 grey, 3 RGB, 4 RGBA).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.grid import Background

Pixels = NDArray[np.uint8]


def tile(
    pictures_NHWC: Pixels,
    *,
    rows: int,
    columns: int,
    gap_px: int = 0,
    scale: int = 1,
    border_px: int = 0,
    background: Background = "black",
) -> Pixels:
    """The pictures row by row as one array (H, W, C); unused cells show the background.

    Every picture pixel becomes ``scale`` × ``scale`` equal pixels (nearest neighbour); ``gap_px``
    and ``border_px`` are pixels of the answer. The answer has the channels of the pictures, or 4
    when the background is transparent. Raises ValueError for more pictures than cells.
    """
    count, height, width, _ = pictures_NHWC.shape
    if count > rows * columns:
        raise ValueError(f"{count} pictures do not fit in {rows} × {columns} cells")
    source = with_alpha(pictures_NHWC) if background == "transparent" else pictures_NHWC
    pitch_y, pitch_x = height * scale + gap_px, width * scale + gap_px
    # one gap too many at the bottom and on the right makes all cells equal; it is cut off below
    canvas = blank(
        rows * pitch_y + 2 * border_px,
        columns * pitch_x + 2 * border_px,
        source.shape[3],
        background,
    )
    inside = canvas[
        border_px : border_px + rows * pitch_y, border_px : border_px + columns * pitch_x
    ]
    cells = inside.reshape(rows, pitch_y, columns, pitch_x, -1)
    _fill(cells, source, scale)
    return canvas[: canvas.shape[0] - gap_px, : canvas.shape[1] - gap_px]


def tiled_size(
    rows: int, columns: int, height: int, width: int, *, gap_px: int, scale: int, border_px: int = 0
) -> tuple[int, int]:
    """Width and height in pixels of what ``tile`` would answer."""
    return (
        columns * (width * scale + gap_px) - gap_px + 2 * border_px,
        rows * (height * scale + gap_px) - gap_px + 2 * border_px,
    )


def blank(height: int, width: int, channels: int, background: Background) -> Pixels:
    """An empty canvas (H, W, C). Transparent is black with alpha 0, so ``channels`` is 4 then."""
    if background == "white":
        return np.full((height, width, channels), 255, np.uint8)
    return np.zeros((height, width, channels), np.uint8)  # fresh pages are zero: nothing to write


def with_alpha(pictures: Pixels) -> Pixels:
    """Grey or RGB pictures (…, C) as opaque RGBA (…, 4)."""
    answer = np.full((*pictures.shape[:-1], 4), 255, np.uint8)
    answer[..., :3] = pictures
    return answer


def _fill(cells: Pixels, source_NHWC: Pixels, scale: int) -> None:
    """Copy the pictures into cells (rows, pitch_y, columns, pitch_x, C), enlarged."""
    columns, channels = cells.shape[2], cells.shape[4]
    count, height, width, _ = source_NHWC.shape
    wide = np.repeat(source_NHWC, scale, axis=2)
    full_rows, rest = divmod(count, columns)
    whole = wide[: full_rows * columns].reshape(full_rows, columns, height, width * scale, channels)
    for line in range(scale):  # each of the ``scale`` equal lines of a picture line
        lines = cells[:, line : height * scale : scale, :, : width * scale]
        lines[:full_rows] = whole.transpose(0, 2, 1, 3, 4)
        if rest:
            lines[full_rows, :, :rest] = wide[full_rows * columns :].transpose(1, 0, 2, 3)
