"""Settings of other code on the clipboard become settings of the next run, and can be undone."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from support.person import Person

from vae_studio.domain.phase import Phase
from vae_studio.ui.dialogs.paste_settings_dialog import PasteSettingsDialog

pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")

RECIPE = '{"name": "BetaVAEConfig", "reconstruction_loss": "mse", "latent_dim": 9, "beta": 3}'


def paste(person: Person, text: str) -> list[PasteSettingsDialog]:
    """Copy a text, choose the menu entry; the dialog, if one opens."""
    QApplication.clipboard().setText(text)
    person.window.actions_by_name["paste_settings"].trigger()
    return [d for d in person.window.findChildren(PasteSettingsDialog) if d.isVisible()]


def test_that_pasted_settings_are_one_step_and_one_undo(person: Person) -> None:
    person.until(lambda: person.panels.data.pictures.pictures.size)
    before = person.studio.desk.config
    (dialog,) = paste(person, RECIPE)
    assert person.studio.desk.config == before
    next(b for b in dialog.findChildren(QPushButton) if b.text() == "Apply").click()
    config = person.studio.desk.config
    assert (config.model.latent_dim, config.objective.beta) == (9, 3.0)
    assert person.panels.objective.effective.full_text.startswith("Your loss equals β = 3 at unit")
    person.window.actions_by_name["undo"].trigger()
    assert person.studio.desk.config == before


def test_that_a_text_that_is_no_recipe_gets_one_sentence(person: Person) -> None:
    before = person.studio.desk.config
    assert paste(person, "Dear reader, …") == []
    assert person.window.messages.sentence.startswith("Not pasted. This is no recipe")
    assert person.studio.desk.config == before


def test_that_nothing_is_pasted_into_a_run_under_way(person: Person) -> None:
    action = person.window.actions_by_name["paste_settings"]
    assert action.isEnabled()
    person.window.apply_phase(Phase.RUNNING)
    assert not action.isEnabled()
    assert "A run is under way." in action.toolTip()
    person.window.apply_phase(Phase.IDLE)
