"""Where pictures lie in a grid of whole pixels. Pure numbers; all lengths in device pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureGrid:
    """A grid of equal cells; ``scale`` < 1 means that pictures are shrunk, smoothly."""

    rows: int
    columns: int
    cell_width: int
    cell_height: int
    scale: float
    gap: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole grid."""
        return (
            self.columns * (self.cell_width + self.gap) - self.gap,
            self.rows * (self.cell_height + self.gap) - self.gap,
        )

    def cell(self, index: int) -> tuple[int, int, int, int]:
        """Where picture ``index`` lies: x, y, width, height."""
        row, column = divmod(index, self.columns)
        x, y = column * (self.cell_width + self.gap), row * (self.cell_height + self.gap)
        return x, y, self.cell_width, self.cell_height

    def index_at(self, x: float, y: float) -> int | None:
        """The cell under a point, or None between and outside the cells."""
        column, across = divmod(x, self.cell_width + self.gap)
        row, down = divmod(y, self.cell_height + self.gap)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        if across >= self.cell_width or down >= self.cell_height:
            return None
        return int(row) * self.columns + int(column)


def grid_of(
    count: int, shape: tuple[int, int], columns: int, scale: float, gap: int
) -> PictureGrid:
    """``count`` pictures (H, W) in ``columns`` at ``scale`` device pixels per picture pixel."""
    rows = -(-max(1, count) // columns)
    width, height = max(1, int(shape[1] * scale)), max(1, int(shape[0] * scale))
    return PictureGrid(rows, columns, width, height, scale, gap)


def fitted_grid(
    count: int,
    shape: tuple[int, int],
    columns: int,
    *,
    width: int,
    height: int | None = None,
    gap: int = 2,
    largest: int = 0,
) -> PictureGrid:
    """The largest whole-pixel grid that fits ``width`` and, where one is given, ``height``.

    ``columns`` is the wish; it is halved while even one device pixel per picture pixel does not
    fit. Only a single picture wider than the room is shrunk. ``largest`` caps a cell's side.
    """
    columns = max(1, min(columns, max(1, count)))
    while columns > 1 and columns * (shape[1] + gap) - gap > width:
        columns = (columns + 1) // 2
    scale = (width - (columns - 1) * gap) / (columns * shape[1])
    if height is not None:
        rows = -(-max(1, count) // columns)
        scale = min(scale, (height - (rows - 1) * gap) / (rows * shape[0]))
    if largest:
        scale = min(scale, max(1.0, largest / max(shape)))
    scale = float(int(scale)) if scale >= 1 else max(scale, 1 / max(shape))
    return grid_of(count, shape, columns, scale, gap)
