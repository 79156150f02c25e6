"""The main job in a real window on a virtual screen, judged by what the screen shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from support.person import FOREVER, Person

from vae_studio.domain.phase import Phase
from vae_studio.ui.dialogs.export_dialog import ExportDialog

STROKES_PX = 200  # a curve of a few dozen batches covers more


@pytest.fixture
def person(qtbot: QtBot) -> Iterator[Person]:
    """Before an app on a screen; a run there lasts until somebody stops it, and validates late."""
    person = Person(qtbot, changes={**FOREVER, "train.batch_size": 4})
    yield person
    person.leaves()


def seen(widget: QWidget) -> np.ndarray:
    """What the screen itself shows where the widget stands: (H, W, 4) bytes."""
    corner = widget.mapToGlobal(widget.rect().topLeft())
    shot = widget.screen().grabWindow(
        0, corner.x(), corner.y(), widget.width(), widget.height()
    )  # fmt: skip
    image = shot.toImage().convertToFormat(QImage.Format.Format_RGB32)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return lines[:, : image.width(), :3].copy()


def differs(before: np.ndarray, after: np.ndarray) -> int:
    """How many pixels are not as they were."""
    return int((before != after).any(axis=2).sum())


@pytest.mark.window
def test_that_the_main_job_is_done_in_a_real_window(person: Person, tmp_path: Path) -> None:
    loss, decoded = person.panels.loss, person.panels.decoded.picture
    person.starts()
    person.qtbot.waitExposed(person.window)
    no_curve = seen(loss)

    person.trains(50)
    person.click("Pause")
    person.until_phase(Phase.PAUSED)
    person.until(lambda: differs(no_curve, seen(loss)) > STROKES_PX)
    assert loss.history.validation_steps == []  # it was the batches that drew
    person.until(lambda: not loss.is_dirty)
    some_curve, held = seen(loss), person.batches()
    person.click("Resume")
    person.until(lambda: person.batches() > held + 20)
    person.click("Pause")
    person.until_phase(Phase.PAUSED)
    person.until(lambda: differs(some_curve, seen(loss)) > 0)

    person.click_canvas(0.3, 0.3)
    person.until(lambda: f"step {person.batches():,}" in person.panels.decoded.status)
    one = seen(decoded)
    person.click_canvas(0.7, 0.8)
    person.until(lambda: differs(one, seen(decoded)) > STROKES_PX)

    person.click("Export grid")
    dialog = person.dialog(ExportDialog)
    person.until(lambda: not dialog.preview.image.isNull())
    file = tmp_path / "slide.png"
    with person.expecting("grid_exported"):
        dialog.save_to(str(file))
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("L"))
    assert pixels.shape == (1080, 1920)
    assert pixels.std() > 20  # clothes on black, not a blank page
    person.click("Close", dialog)

    person.click("Stop")
    person.until_phase(Phase.DONE)
    assert person.run().state == "stopped"
