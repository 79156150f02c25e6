"""Runs of before go on in the app: stopped, failed, and held by the disk."""

from __future__ import annotations

import errno
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton
from support.person import Person
from support.trained import Meddled, spoilt

from vae_studio.domain.atomic import cannot
from vae_studio.domain.phase import Phase
from vae_studio.engine import build
from vae_studio.engine.objective import Setting
from vae_studio.engine.terms import Terms
from vae_studio.runs.folder import RunFolder
from vae_studio.ui.dialogs.close_dialog import CloseDialog
from vae_studio.ui.dialogs.failure_dialog import FailureDialog

#: Qt's offscreen platform says this of every window that is shown or raised.
pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


def resume_from_menu(person: Person) -> None:
    """File > Resume run…, and the folder of the only run there is."""
    person.window.actions_by_name["resume_run"].trigger()
    person.choose_file(person.run().path)


def test_that_a_stopped_run_goes_on_with_its_curve_and_its_settings(
    a_person: Callable[..., Person],
) -> None:
    person = a_person({"train.epochs": 3, "objective.beta": 2.0}).starts()
    person.trains(20)
    person.click("Stop")
    person.until_phase(Phase.DONE)
    stopped_at = person.run().step
    before = person.column("total").copy()
    person.studio.desk.turn("objective.beta", 7.0)
    resume_from_menu(person)
    person.until(lambda: person.batches() > stopped_at)
    assert person.studio.desk.config.objective.beta == 2.0
    person.until_phase(Phase.DONE)
    after = person.column("total")
    assert len(after) == 3 * 108
    assert np.array_equal(after[:stopped_at], before[:stopped_at])
    assert np.isfinite(after).all()
    assert person.run().state == "done"
    assert RunFolder.open(person.run().path).manifest.edits == []  # nobody turned a knob
    resume_from_menu(person)
    person.until(lambda: "is finished; there is nothing to resume" in person.log())


def test_that_resuming_waits_for_the_run_under_way(patient_person: Person) -> None:
    action = patient_person.window.actions_by_name["resume_run"]
    assert action.isEnabled()
    patient_person.trains()
    assert not action.isEnabled()


def test_that_a_run_that_diverged_goes_on_with_half_the_rate(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = build.build_objective

    def diverge(terms: Terms, at: Setting) -> Terms:
        return spoilt(terms) if at.step == 7 else terms

    def diverging(config, vae):
        return Meddled(make(config, vae), diverge)

    with monkeypatch.context() as broken:
        broken.setattr(build, "build_objective", diverging)
        person.click("Train")
        person.until_phase(Phase.FAILED)
    dialog = person.dialog(FailureDialog)
    assert "rate nan" in dialog.report
    person.click("Continue with learning rate 0.001", dialog)
    person.until_phase(Phase.DONE)
    manifest = RunFolder.open(person.run().path).manifest
    assert manifest.state == "done"
    assert manifest.edits == [{"step": 0, "path": "train.learning_rate", "value": 0.001}]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Say whether the disk of the runs is full."""
    full = [False]
    append = RunFolder.append_metrics

    def refuse(folder: RunFolder, record: dict) -> None:
        if full[0]:
            raise cannot("written", folder.path, OSError(errno.ENOSPC, "No space left on device"))
        append(folder, record)

    monkeypatch.setattr(RunFolder, "append_metrics", refuse)
    return lambda now: full.__setitem__(0, now)


def toast_button(person: Person) -> QToolButton:
    (found,) = [b for b in person.window.messages.findChildren(QToolButton)
                if b.text() == "Continue"]  # fmt: skip
    return found


def test_that_a_full_disk_holds_the_run_until_it_is_continued(
    patient_person: Person, full_disk: Callable[[bool], None]
) -> None:
    person = patient_person
    person.trains()
    full_disk(True)
    person.until_phase(Phase.PAUSED)
    toast = person.window.messages
    assert toast.isVisible()
    assert "the disk is full; free some space" in toast.sentence
    assert "waits, with its weights in memory" in toast.sentence
    held = person.batches()
    toast_button(person).click()  # still full
    person.until(lambda: person.log().count("the disk is full") == 2)
    person.until_phase(Phase.PAUSED)
    full_disk(False)
    assert toast.isVisible()
    toast_button(person).click()
    person.until(lambda: person.batches() > held + 50)
    assert not toast.isVisible()
    person.click("Stop")
    person.until_phase(Phase.DONE)
    lines = RunFolder.open(person.run().path).read_metrics()
    steps = [line["step"] + i for line in lines if line["kind"] == "batches"
             for i in range(len(line["loss"]))]  # fmt: skip
    assert steps == list(range(person.run().step))


def test_that_closing_over_a_full_disk_stays_open_and_says_why(
    patient_person: Person, full_disk: Callable[[bool], None]
) -> None:
    person = patient_person
    person.trains()
    full_disk(True)
    person.until_phase(Phase.PAUSED)
    person.window.close()
    person.click("Save and stop", person.dialog(CloseDialog))
    person.until(lambda: person.log().count("the disk is full") == 2)
    person.until(lambda: not person.window.findChildren(CloseDialog))
    assert person.window.isVisible()
    person.until_phase(Phase.PAUSED)
    full_disk(False)
    person.window.close()
    person.click("Save and stop", person.dialog(CloseDialog))
    person.until(lambda: not person.window.isVisible())
    assert person.run().state == "stopped"


def test_that_the_end_of_the_session_does_not_wait_for_a_full_disk(
    patient_person: Person, full_disk: Callable[[bool], None]
) -> None:
    person = patient_person
    person.trains()
    full_disk(True)
    person.until_phase(Phase.PAUSED)
    person.studio.end_at_once()
    person.until(lambda: not person.window.isVisible())
    assert person.run().state == "interrupted"  # and can be resumed
