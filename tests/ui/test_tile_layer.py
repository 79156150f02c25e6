"""The mosaic behind the points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vae_studio.ui.widgets.tile_layer import TileLayer


@pytest.mark.parametrize(("middle", "rim", "on_dark"), [(40, 255, True), (220, 0, False)])
def test_that_the_ground_of_pictures_is_judged_where_codes_lie(
    middle: int, rim: int, on_dark: bool
) -> None:
    """Far from all codes a decoder answers glaring pictures, on most of a wide map."""
    mosaic = np.full((90, 180, 1), rim, np.uint8)
    mosaic[30:60, 60:120] = middle
    layer = TileLayer()
    layer.show(SimpleNamespace(mosaic=mosaic))
    assert layer.strokes_on_dark is on_dark
