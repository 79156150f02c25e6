"""Where the docks stand in each workspace: declared as tables, applied by one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from vae_studio.ui.widgets.dock import Dock

Column = tuple[tuple[str, ...], ...]
ROOMY_HEIGHT_PX = 800  # below it, stacked panels would each show a scroll bar: they share tabs


@dataclass(frozen=True)
class Workspace:
    """Columns of stacks, top to bottom; the names in one stack share tabs, the first in front.

    Docks that are named nowhere are closed. Widths are in device-independent pixels;
    ``bottom_share`` is the part of the window's height below the canvas.
    """

    name: str
    left: Column = ()
    right: Column = ()
    bottom: Column = ()
    left_px: int = 276
    right_px: int = 292
    bottom_share: float = 0.36

    @property
    def names(self) -> frozenset[str]:
        """Every dock that is open."""
        columns = (*self.left, *self.right, *self.bottom)
        return frozenset(name for stack in columns for name in stack)


TRAIN = Workspace(
    "train",
    left=(("data",), ("model",), ("objective",), ("train",)),
    right=(("decoded",), ("reconstructions",), ("samples",), ("units",)),
    bottom=(("loss", "log"),),
)
TRAIN_LOW = Workspace(
    "train",
    left=(("data", "model"), ("objective", "train")),
    right=(("decoded",), ("reconstructions", "samples"), ("units",)),
    bottom=(("loss", "log"),),
    left_px=260,
    right_px=260,
)
EXPLORE = Workspace(
    "explore",
    right=(("decoded",), ("samples", "reconstructions"), ("units",)),
    bottom=(),
    right_px=380,
)


def workspace(name: str, height_px: int) -> Workspace:
    """The workspace called ``name`` for a window of this height."""
    if name == "explore":
        return EXPLORE
    return TRAIN if height_px >= ROOMY_HEIGHT_PX else TRAIN_LOW


def arrange(window: QMainWindow, docks: Mapping[str, Dock], chosen: Workspace) -> None:
    """Put every dock where the workspace has it; works from any state the docks are in."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    sides = (
        (Qt.DockWidgetArea.LeftDockWidgetArea, chosen.left, Qt.Orientation.Vertical),
        (Qt.DockWidgetArea.RightDockWidgetArea, chosen.right, Qt.Orientation.Vertical),
        (Qt.DockWidgetArea.BottomDockWidgetArea, chosen.bottom, Qt.Orientation.Horizontal),
    )
    for area, column, orientation in sides:
        for stack in column:
            _place(window, [docks[name] for name in stack if name in docks], area, orientation)
    _add_closed(window, docks, chosen)
    _size(window, docks, chosen)


def _place(
    window: QMainWindow, stack: list[Dock], area: Qt.DockWidgetArea, orientation: Qt.Orientation
) -> None:
    for dock in stack:
        window.addDockWidget(area, dock, orientation)
        dock.show()
    for before, dock in pairwise(stack):
        window.tabifyDockWidget(before, dock)
    if stack:
        stack[0].raise_()


def _add_closed(window: QMainWindow, docks: Mapping[str, Dock], chosen: Workspace) -> None:
    """Closed docks still need a place to open at: where the training workspace has them."""
    for name, dock in docks.items():
        if name in chosen.names:
            continue
        in_left = any(name in stack for stack in TRAIN.left)
        in_right = any(name in stack for stack in TRAIN.right)
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        if in_left or in_right:
            area = getattr(Qt.DockWidgetArea, f"{'Left' if in_left else 'Right'}DockWidgetArea")
        window.addDockWidget(area, dock)
        dock.close()


def _size(window: QMainWindow, docks: Mapping[str, Dock], chosen: Workspace) -> None:
    for column, width in ((chosen.left, chosen.left_px), (chosen.right, chosen.right_px)):
        stacks = [[docks[n] for n in stack if n in docks] for stack in column]
        front = [stack[0] for stack in stacks if stack]
        if front:
            window.resizeDocks(front, [width] * len(front), Qt.Orientation.Horizontal)
            heights = [max(dock.natural_height for dock in stack) for stack in stacks if stack]
            window.resizeDocks(front, heights, Qt.Orientation.Vertical)
    below = [docks[stack[0]] for stack in chosen.bottom if stack[0] in docks]
    if below:
        height = round(window.height() * chosen.bottom_share)
        window.resizeDocks(below, [height] * len(below), Qt.Orientation.Vertical)
