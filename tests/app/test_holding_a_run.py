"""A run under way: held, stepped, turned, stopped, broken, and the window closed over it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from support.person import Person
from support.trained import Meddled

from vae_studio.domain.phase import Phase
from vae_studio.engine import build
from vae_studio.engine.objective import Setting
from vae_studio.engine.terms import Terms
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import list_runs
from vae_studio.ui.dialogs.close_dialog import CloseDialog
from vae_studio.ui.dialogs.failure_dialog import FailureDialog

#: Qt's offscreen platform says this of every window that is shown or raised.
pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


def pause(person: Person) -> int:
    """Hold the run; how many batches it has."""
    person.click("Pause")
    person.until_phase(Phase.PAUSED)
    return person.batches()


def test_that_pausing_keeps_the_canvas_answering(patient_person: Person) -> None:
    person = patient_person
    person.trains(50)
    held = pause(person)
    for across in (0.3, 0.7):
        before = person.decoded()
        person.click_canvas(across, 0.4)
        person.until(lambda before=before: person.decoded() != before)
    assert person.batches() == held
    person.until(lambda: f"step {held:,}" in person.panels.decoded.status)


def test_that_one_batch_is_exactly_one_and_resuming_goes_on(patient_person: Person) -> None:
    person = patient_person
    person.trains()
    held = pause(person)
    for count in (1, 2):
        with person.expecting("batches_trained") as chunks:
            person.click("One batch")
        assert [len(chunk.loss) for chunk in chunks] == [1]
        assert person.batches() == held + count
        person.until_phase(Phase.PAUSED)
    person.click("Resume")
    person.until(lambda: person.batches() > held + 20)
    assert person.window.phase is Phase.RUNNING


def test_that_stopping_saves_what_was_learnt(patient_person: Person) -> None:
    person = patient_person
    person.trains(20)
    person.click("Stop")
    person.until(lambda: person.heard("run_finished"))
    person.until_phase(Phase.DONE)
    (finished,) = person.heard("run_finished")
    assert finished.stopped
    assert finished.step == person.batches() >= 20
    run = person.run()
    assert (run.state, run.step) == ("stopped", finished.step)
    assert RunFolder.open(run.path).load_checkpoint().step == finished.step
    assert f"Stopped at step {finished.step:,}" in person.log()


def test_that_beta_turned_while_training_reaches_batches_and_log(patient_person: Person) -> None:
    person = patient_person
    person.trains()
    with person.expecting("knob_turned") as turned:
        person.type_into(person.panels.objective.form.editor("objective.beta").field, "4")
    step = turned[0].step
    person.until(lambda: person.batches() > step + 10)
    pause(person)
    beta = person.column("beta")
    assert set(beta[:step]) == {1.0}
    assert set(beta[step:]) == {4.0}
    total, distortion, rate = (person.column(n) for n in ("total", "reconstruction", "kl"))
    assert np.allclose(total, distortion + beta * rate, rtol=1e-5)
    folder = RunFolder.open(person.run().path)
    kept = [b for line in folder.read_metrics() if line["kind"] == "batches" for b in line["beta"]]
    assert np.array_equal(np.float32(kept), beta)
    assert folder.manifest.edits == [{"step": step, "path": "objective.beta", "value": 4.0}]
    assert f"From step {step:,} on: β = 4." in person.log()


def test_that_only_live_settings_can_be_turned_while_training(patient_person: Person) -> None:
    person = patient_person
    live = person.panels.objective.form.editor("objective.beta").field
    fixed = [
        person.panels.train.form.editor("train.epochs").field,
        person.panels.model.form.editor("model.latent_dim").field,
    ]
    assert all(field.isEnabled() for field in (live, *fixed))
    person.trains()
    assert live.isEnabled()
    assert not any(field.isEnabled() for field in fixed)
    person.click("Stop")
    person.until_phase(Phase.DONE)
    assert all(field.isEnabled() for field in fixed)


def breaking_after(good: int) -> Callable[..., object]:
    """A maker of objectives that raise after some good batches."""
    make, count = build.build_objective, [0]

    def breaking(terms: Terms, at: Setting) -> Terms:
        count[0] += 1
        if count[0] > good:
            raise RuntimeError("the scales fell over")
        return terms

    return lambda config, vae: Meddled(make(config, vae), breaking)


def test_that_an_error_while_training_is_told_and_the_next_run_works(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(build, "build_objective", breaking_after(7))
        person.click("Train")
        person.until_phase(Phase.FAILED)
    dialog = person.dialog(FailureDialog)
    sentence = max((label.text() for label in dialog.findChildren(QLabel)), key=len)
    assert sentence.startswith("Training stopped at step 7 by an unexpected error")
    assert "Traceback" in dialog.report
    person.click("Close", dialog)
    assert person.run().state == "failed"
    assert sentence in person.log()
    before = person.decoded()
    person.click_canvas(0.2, 0.2)  # the last good model is still there
    person.until(lambda: person.decoded() != before)
    person.trains()
    person.until_phase(Phase.DONE)
    assert {run.state for run in list_runs()} == {"failed", "done"}


def test_that_closing_over_a_run_asks_and_keeps_training(patient_person: Person) -> None:
    person = patient_person
    person.trains()
    person.window.close()
    dialog = person.dialog(CloseDialog)
    assert person.window.isVisible()
    person.click("Keep training", dialog)
    seen = person.batches()
    person.until(lambda: person.batches() > seen + 10)
    assert person.window.isVisible()
    person.window.close()
    assert person.dialog(CloseDialog) is not dialog  # asked again


def test_that_save_and_stop_saves_ends_the_thread_and_closes(patient_person: Person) -> None:
    person = patient_person
    person.trains(20)
    person.window.close()
    person.click("Save and stop", person.dialog(CloseDialog))
    person.until(lambda: not person.window.isVisible())
    assert person.studio.thread_of_worker.isFinished()
    run = person.run()
    assert run.state == "stopped"
    assert run.step >= 20


def test_that_a_paused_run_is_saved_when_the_window_closes(patient_person: Person) -> None:
    person = patient_person
    person.trains()
    held = pause(person)
    person.window.close()
    person.click("Save and stop", person.dialog(CloseDialog))
    person.until(lambda: not person.window.isVisible())
    assert (person.run().state, person.run().step) == ("stopped", held)


def test_that_wishes_still_waiting_do_not_hold_up_the_end(patient_person: Person) -> None:
    person = patient_person
    person.trains()
    for turn in range(200):
        person.panels.canvas.code_chosen.emit(np.full(2, turn / 100, np.float32))
        person.panels.samples.samples_wanted.emit(32, turn, 1.0)
        person.window.copy_grid_requested.emit()
    person.window.pause_requested.emit()
    person.studio.save_and_close()
    person.until(lambda: not person.window.isVisible())
    assert person.studio.thread_of_worker.isFinished()
    assert person.run().state == "stopped"


def test_that_a_window_closed_before_the_engine_starts_leaves_no_thread(a_person) -> None:
    person: Person = a_person()
    person.window.show()
    person.window.grab()  # painted: the engine is about to be started
    person.window.close()
    person.qtbot.wait(1)
    assert not person.studio.thread_of_worker.isRunning()


def test_that_a_setting_is_taken_back_by_its_keys(person: Person) -> None:
    field = person.panels.objective.form.editor("objective.beta").field
    person.type_into(field, "4")
    person.type_into(person.panels.train.form.editor("train.epochs").field, "3")
    assert person.studio.desk.config.objective.beta == 4.0
    assert person.studio.desk.config.train.epochs == 3
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(person.window.focusWidget(), Qt.Key.Key_Z, control)
    assert person.studio.desk.config.train.epochs == 1
    QTest.keyClick(person.window.focusWidget(), Qt.Key.Key_Z, control)
    assert person.studio.desk.config.objective.beta == 1.0
    assert field.value() == 1.0
    QTest.keyClick(
        person.window.focusWidget(), Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier
    )
    assert field.value() == 4.0
