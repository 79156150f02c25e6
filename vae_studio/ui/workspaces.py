"""Where the docks stand in each workspace: declared as tables, applied by one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from vae_studio.ui.widgets.dock import Dock

Column = tuple[tuple[str, ...], ...]
#: Below these heights stacked panels would each show a scroll bar: they share tabs, first on the
#: left, where the forms are, then on the right as well.
ROOMY_HEIGHT_PX, LOW_HEIGHT_PX = 1040, 800

GAP_PX, TABS_PX, TOOLBAR_PX = 8, 26, 38
#: Docks that ask for little while they are empty but will soon hold more than that.
ROOM_TO_GROW_PX = {"units": 150}


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
TRAIN_MIDDLE = replace(TRAIN, left=(("data", "model"), ("objective", "train")))
TRAIN_LOW = Workspace(
    "train",
    left=(("data", "model"), ("objective", "train")),
    right=(("decoded",), ("reconstructions", "samples"), ("units",)),
    bottom=(("loss", "log"),),
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
    if height_px < LOW_HEIGHT_PX:
        return TRAIN_LOW
    return TRAIN if height_px >= ROOMY_HEIGHT_PX else TRAIN_MIDDLE


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


def fit_column(window: QMainWindow, docks: Mapping[str, Dock], changed: Dock) -> None:
    """Share the height of a side anew after the content of one of its docks has changed."""
    area = window.dockWidgetArea(changed)
    column = [
        dock for dock in docks.values()
        if window.dockWidgetArea(dock) == area and dock.isVisible() and not dock.isFloating()
        and not dock.visibleRegion().isEmpty()
    ]  # fmt: skip
    if changed in column and area != Qt.DockWidgetArea.BottomDockWidgetArea:
        room = sum(dock.height() for dock in column)
        heights = shared_heights([(d.least_height, d.natural_height) for d in column], room)
        _set_heights(window, column, heights)


def shared_heights(wishes: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Heights for docks that ask for (least, natural) pixels and share ``room``.

    Each gets at least its least height while that is possible; what is left goes towards the
    natural heights in equal shares of what is missing, and then to the last dock.
    """
    least, natural = sum(low for low, _ in wishes), sum(high for _, high in wishes)
    if room >= natural or not wishes:
        heights = [high for _, high in wishes]
    elif room <= least:
        heights = [low * room // max(1, least) for low, _ in wishes]
    else:
        heights = [low + (high - low) * (room - least) // (natural - least) for low, high in wishes]
    return [*heights[:-1], max(1, room - sum(heights[:-1]))] if heights else []


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
        stacks = [[docks[name] for name in stack if name in docks] for stack in column]
        stacks = [stack for stack in stacks if stack]
        front = [stack[0] for stack in stacks]
        wishes = [(_most(s, "least_height"), _most(s, "natural_height")) for s in stacks]
        wishes = [(low, max(low, high)) for low, high in wishes]
        heights = shared_heights(wishes, _room(window, stacks))
        window.resizeDocks(front, [width] * len(front), Qt.Orientation.Horizontal)
        _set_heights(window, front, heights)
    below = [docks[stack[0]] for stack in chosen.bottom if stack[0] in docks]
    height = round(window.height() * chosen.bottom_share)
    window.resizeDocks(below, [height] * len(below), Qt.Orientation.Vertical)


def _set_heights(window: QMainWindow, column: Sequence[Dock], heights: Sequence[int]) -> None:
    """Qt counts the tabs above docks that share a place as part of their height."""
    tabs = [TABS_PX if window.tabifiedDockWidgets(dock) else 0 for dock in column]
    with_tabs = [height + tab for height, tab in zip(heights, tabs, strict=True)]
    window.resizeDocks(list(column), with_tabs, Qt.Orientation.Vertical)


def _most(stack: Sequence[Dock], height: str) -> int:
    return max(
        max(getattr(dock, height), ROOM_TO_GROW_PX.get(dock.objectName(), 0)) for dock in stack
    )


def _room(window: QMainWindow, stacks: Sequence[Sequence[Dock]]) -> int:
    """The height the docks of a side can share: less the gaps, and the tabs of shared places."""
    gaps = GAP_PX * (len(stacks) - 1)
    tabs = TABS_PX * sum(len(stack) > 1 for stack in stacks)
    bars = window.menuBar().sizeHint().height() + TOOLBAR_PX + GAP_PX
    return window.height() - bars - gaps - tabs
