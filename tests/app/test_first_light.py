"""From the first paint to a finished run and a picture for a slide."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from support.person import Person

from vae_studio import cli
from vae_studio.domain.phase import Phase
from vae_studio.export.provenance import read_provenance
from vae_studio.runs.folder import RunFolder
from vae_studio.ui.dialogs.export_dialog import ExportDialog

#: Qt's offscreen platform says this of every window that is shown or raised.
pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


def test_that_pictures_come_before_the_engine_and_the_example_answers_a_click(a_person) -> None:
    person: Person = a_person()
    assert not person.studio.thread_of_worker.isRunning()
    person.starts()
    kinds = list(dict(person.told))
    assert kinds[:3] == ["data_loaded", "engine_ready", "model_changed"]
    assert person.heard("model_changed")[0].origin == "bundled example"
    assert len(person.panels.data.pictures.pictures) > 0
    middle = person.decoded()
    person.click_canvas(0.25, 0.3)
    person.until(lambda: person.decoded() != middle)
    corner = person.decoded()
    person.click_canvas(0.8, 0.75)
    person.until(lambda: person.decoded() != corner)


def test_that_the_map_of_the_example_is_drawn(person: Person) -> None:
    canvas = person.panels.canvas.canvas
    person.until(lambda: len(canvas.layers.uv_N2) == 2000)
    person.until(lambda: canvas.layers.tiles.extent is not None)
    shown = canvas.grab().toImage()
    person.click("Points", person.panels.canvas)
    assert canvas.grab().toImage() != shown


def test_that_a_run_draws_every_batch_to_the_last_digit(person: Person) -> None:
    empty = person.panels.samples.pictures.pictures.tobytes()
    person.trains(1)
    bar = {person.progress()}
    person.until(lambda: bar.add(person.progress()) or person.window.phase is Phase.DONE)
    assert person.batches() == 108
    assert len(bar) >= 3
    assert max(bar) == 1000
    told = {
        "total": [b.loss for b in person.heard("batches_trained")],
        "reconstruction": [b.distortion for b in person.heard("batches_trained")],
        "kl": [b.rate for b in person.heard("batches_trained")],
    }
    lines = [
        line
        for line in RunFolder.open(person.run().path).read_metrics()
        if line["kind"] == "batches"
    ]
    in_log = {"total": "loss", "reconstruction": "distortion", "kl": "rate"}
    for name, chunks in told.items():
        drawn = person.column(name)
        assert drawn.tobytes() == np.concatenate(chunks).tobytes()
        kept = np.concatenate([np.float32(line[in_log[name]]) for line in lines])
        assert drawn.tobytes() == kept.tobytes()
    # the frame clock may paint after the last batch: wait for it, but not for ever
    person.until(lambda: person.panels.samples.pictures.pictures.tobytes() != empty)


def test_that_all_pictures_follow_the_run(person: Person) -> None:
    canvas = person.panels.canvas.canvas
    person.trains(1)
    person.until(lambda: canvas.layers.tiles.extent is not None)
    person.until(lambda: len(canvas.layers.uv_N2) == 2000)
    person.until(lambda: len(person.panels.reconstructions.pictures.pictures) == 16)
    person.until(lambda: len(person.panels.samples.pictures.pictures) == 32)
    person.until_phase(Phase.DONE)
    final = "step 108"
    person.until(lambda: final in person.panels.samples.status)
    person.until(lambda: final in person.panels.canvas.status)
    person.until(lambda: final in person.panels.decoded.status)
    assert person.panels.loss.history.validation_steps == [108]
    assert "Done at step 108" in person.log()
    assert person.run().state == "done"


def test_that_an_exported_grid_is_its_preview_and_what_the_command_draws(
    person: Person, tmp_path
) -> None:
    person.trains(1)
    person.until_phase(Phase.DONE)
    with person.expecting("grid_previewed"):
        person.click("Export grid")
    dialog = person.dialog(ExportDialog)
    person.type_into(dialog.form.rows, "3")
    person.until(lambda: any(p.spec.rows == 3 for p in person.heard("grid_previewed")))
    preview = person.heard("grid_previewed")[-1]
    person.until(lambda: dialog.preview.image == QImage.fromData(preview.png))
    saved, drawn = tmp_path / "saved.png", tmp_path / "drawn.png"
    with person.expecting("grid_exported"):
        person.click("Save…", dialog)
        person.choose_file(saved)
    assert saved.read_bytes() == preview.png
    spec = preview.spec
    assert cli.main([
        "sample", str(person.run().path), "--rows", "3", "--columns", str(spec.columns),
        "--gap", str(spec.gap_px), "--scale", "0", "--seed", str(spec.seed), "--page", spec.page,
        "--caption", spec.caption, "--out", str(drawn),
    ]) == 0  # fmt: skip
    assert drawn.read_bytes() == preview.png
    assert read_provenance(saved).step == 108
    person.until(lambda: dialog.verdict.sentence.startswith("Saved saved.png"))


def test_that_a_copied_grid_is_a_png_on_the_clipboard(person: Person) -> None:
    QGuiApplication.clipboard().setText("something else")
    person.click("Copy grid")
    mime = QGuiApplication.clipboard().mimeData
    person.until(lambda: mime().hasFormat("image/png"))
    person.until(lambda: bool(person.heard("grid_previewed")))  # told to all, but in turn
    png = bytes(mime().data("image/png").data())
    image = QImage.fromData(png, "PNG")
    assert (image.width(), image.height()) == (1920, 1080)
    assert png == person.heard("grid_previewed")[-1].png


def test_that_arrow_keys_nudge_the_code(person: Person) -> None:
    canvas = person.panels.canvas.canvas
    person.click_canvas(0.5, 0.5)
    before, code = person.decoded(), canvas.chosen_code
    for _ in range(12):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.chosen_code[0] > code[0]
    assert canvas.chosen_code[1] > code[1]
    person.until(lambda: person.decoded() != before)


def test_that_the_theme_button_colours_the_window_anew(person: Person) -> None:
    spot = QPoint(3, person.window.height() // 2)
    before = person.window.grab().toImage().pixelColor(spot)
    words = {"Dark colours", "Light colours"}
    name = next(w for w in words if _shown(person, w))
    person.click(name)
    after = person.window.grab().toImage().pixelColor(spot)
    assert abs(after.lightness() - before.lightness()) > 100
    person.click((words - {name}).pop())
    assert person.window.grab().toImage().pixelColor(spot) == before


def _shown(person: Person, name: str) -> bool:
    try:
        return bool(person.button(name))
    except AssertionError:
        return False


def test_that_a_layout_is_there_again_at_the_next_start(a_person) -> None:
    first: Person = a_person().starts()
    first.window.docks["units"].close()
    first.window.docks["data"].setFloating(True)
    first.window.close()
    second: Person = a_person()
    assert second.window.docks["units"].isHidden()
    assert second.window.docks["data"].isFloating()
    assert not second.window.docks["loss"].isHidden()
