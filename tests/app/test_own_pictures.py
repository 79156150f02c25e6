"""A folder of the person's own pictures, one of them damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.person import Person

from vae_studio.domain.phase import Phase
from vae_studio.runs.folder import RunFolder

#: Qt's offscreen platform says this of every window that is shown or raised.
pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Forty pictures in two classes, and a file that only says it is one."""
    dice = np.random.default_rng(3)
    for name, level in (("bright", 200), ("dim", 40)):
        (tmp_path / "scans" / name).mkdir(parents=True)
        for number in range(20):
            pixels = dice.integers(level, level + 50, (28, 28)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "scans" / name / f"{number:02d}.png")
    (tmp_path / "scans" / "dim" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    return tmp_path / "scans"


def test_that_a_folder_shows_its_pictures_and_names_the_one_it_skipped(
    person: Person, scans: Path
) -> None:
    with person.expecting("data_loaded") as loaded:
        person.click("Choose a folder…", person.panels.data)
        person.choose_file(scans)
    assert loaded[0].class_names == ("bright", "dim")
    assert loaded[0].train + loaded[0].validation + loaded[0].test == 40
    shown = person.panels.data.pictures.pictures
    assert len(shown) > 0
    assert shown.tobytes() == loaded[0].pictures[: len(shown)].tobytes()
    assert "torn.png" in person.log()
    assert person.studio.desk.config.data.dataset.endswith("scans")


def test_that_a_run_on_ones_own_pictures_tells_no_path(person: Person, scans: Path) -> None:
    with person.expecting("data_loaded"):
        person.click("Choose a folder…", person.panels.data)
        person.choose_file(scans)
    person.trains(1)
    person.until_phase(Phase.DONE)
    run = person.run().path
    assert RunFolder.open(run).manifest.config["data"]["dataset"] == "folder:scans"
    kept = b"".join(file.read_bytes() for file in run.rglob("*") if file.is_file())
    assert str(scans.parent).encode() not in kept


def test_that_a_folder_without_pictures_is_told_and_the_old_set_stays(
    person: Person, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    before = person.panels.data.pictures.pictures.tobytes()
    person.click("Choose a folder…", person.panels.data)
    person.choose_file(tmp_path / "empty")
    person.until(lambda: person.panels.data.status == "not loaded")
    assert "Could not load the pictures" in person.log()
    assert person.panels.data.pictures.pictures.tobytes() == before
