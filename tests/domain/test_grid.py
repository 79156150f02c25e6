"""A sample grid that cannot be drawn is refused before anything is decoded."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import MAX_TEXT, PAGES, SampleGridSpec


def test_that_a_grid_counts_its_pictures() -> None:
    assert SampleGridSpec(rows=3, columns=7).count == 21
    assert SampleGridSpec(rows=np.int64(2)).count == 16


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rows": 0}, "rows must lie between 1 and 200; it is 0"),
        ({"columns": 201}, "columns must lie between"),
        ({"rows": 2.5}, r"rows must be a whole number; it is 2\.5"),
        ({"rows": "8"}, "rows must be a whole number"),
        ({"gap_px": -1}, "gap must lie between"),
        ({"border_px": 1001}, "border must lie between"),
        ({"scale": 65}, "scale must lie between"),
        ({"seed": -1}, "seed must lie between"),
        ({"seed": 2**63}, "seed must lie between"),
        ({"temperature": float("nan")}, "temperature must lie between"),
        ({"temperature": -0.1}, "temperature must lie between"),
        ({"background": "pink"}, "'pink' is not known; use black, white or transparent"),
        ({"page": "a4"}, "'a4' is not known; use one of: grid, slide"),
        ({"scale": 0}, "scale must be at least 1 when there is no page"),
        ({"title": "x" * (MAX_TEXT + 1)}, "title may have"),
        ({"caption": "x" * (MAX_TEXT + 1)}, "caption may have"),
    ],
)
def test_that_an_impossible_grid_is_one_sentence(fields: dict, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        SampleGridSpec(**fields)


@pytest.mark.parametrize("page", [name for name in PAGES if name != "grid"])
def test_that_on_a_page_the_scale_may_be_left_to_it(page: str) -> None:
    assert SampleGridSpec(scale=0, page=page).page == page
