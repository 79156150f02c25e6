"""Heights of docks that share a column."""

from __future__ import annotations

import pytest

from vae_studio.ui.workspaces import (
    EXPLORE,
    TRAIN,
    TRAIN_LOW,
    TRAIN_MIDDLE,
    shared_heights,
    workspace,
)


@pytest.mark.parametrize(
    ("wishes", "room", "heights"),
    [
        ([(100, 100), (100, 200)], 400, [100, 300]),
        ([(100, 100), (100, 200)], 250, [100, 150]),
        ([(100, 100), (100, 300)], 100, [50, 50]),
        ([], 100, []),
        ([(50, 80)], 400, [400]),
    ],
)
def test_that_docks_get_their_least_height_before_anyone_gets_more(
    wishes: list[tuple[int, int]], room: int, heights: list[int]
) -> None:
    assert shared_heights(wishes, room) == heights


def test_that_shares_always_fill_the_room() -> None:
    for room in range(50, 2_000, 37):
        heights = shared_heights([(90, 120), (140, 260), (200, 220), (77, 91)], room)
        assert sum(heights) == room


def test_that_a_low_window_stacks_panels_behind_tabs() -> None:
    assert workspace("train", 1080) is TRAIN
    assert workspace("train", 900) is TRAIN_MIDDLE
    assert workspace("train", 720) is TRAIN_LOW
    assert workspace("explore", 900) is EXPLORE
    assert TRAIN.names == TRAIN_MIDDLE.names == TRAIN_LOW.names
