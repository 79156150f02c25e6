"""Pictures saved from a panel: the window says where they went."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.person import Person

pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


def test_that_every_panel_of_pictures_says_where_it_saved(person: Person, tmp_path: Path) -> None:
    panels = person.panels
    views = (panels.data.pictures, panels.decoded.picture, panels.reconstructions.pictures,
             panels.samples.pictures)  # fmt: skip
    for number, view in enumerate(views):
        person.until(lambda view=view: len(view.pictures))
        view.save(str(tmp_path / f"{number}.png"))
        assert person.window.messages.sentence == f"Saved {number}.png."
    views[0].save(str(tmp_path / "gone" / "a.png"))
    assert "a.png" in person.window.messages.sentence
    assert not person.window.messages.sentence.startswith("Saved")
