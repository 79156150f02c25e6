"""Settings of other code, pasted: shown first, applied in one step, taken back in one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from support.shell import CATALOGS

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.translate.translation import Translation, translate
from vae_studio.engine import catalog
from vae_studio.ui.config_desk import ConfigDesk
from vae_studio.ui.dialogs.paste_settings_dialog import (
    NOTHING,
    Change,
    PasteSettingsDialog,
    changes_between,
)

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

RECIPE = """\
model_params: {name: VanillaVAE, in_channels: 3, latent_dim: 128, attention: 4}
data_params: {patch_size: 64, train_batch_size: 64}
exp_params: {kld_weight: 0.00025, LR: 0.005, scheduler_gamma: 0.95}
trainer_params: {max_epochs: 100}
"""


@pytest.fixture
def found() -> Translation:
    return translate(RECIPE, catalog)


def dialog_for(qtbot: QtBot, found: Translation, before: RunConfig) -> PasteSettingsDialog:
    dialog = PasteSettingsDialog(found, changes_between(before, found.config, CATALOGS))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def texts(dialog: PasteSettingsDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def button(dialog: PasteSettingsDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def test_that_the_changes_are_named_as_in_the_forms(found: Translation) -> None:
    changes = changes_between(RunConfig(), found.config, CATALOGS)
    assert Change("Units", "2", "128") in changes
    assert Change("Size", "0 px", "64 px") in changes
    assert Change("Likelihood", "Bernoulli (grey)", "Gaussian, fixed σ") in changes
    assert Change("σ", "", "1.23935") in changes
    assert Change("Decay line", "2 points", "9 points") in changes
    assert "β" not in [change.label for change in changes]


def test_that_what_the_loss_equals_and_every_note_can_be_read(
    qtbot: QtBot, found: Translation
) -> None:
    shown = texts(dialog_for(qtbot, found, RunConfig()))
    assert "Settings of PyTorch-VAE" in shown
    assert "Your loss equals β = 1.54 at unit variance." in shown
    assert set(found.notes) < set(shown)
    assert "Without a counterpart here: attention." in shown


def test_that_apply_is_one_step_and_undo_takes_it_all_back(
    qtbot: QtBot, found: Translation
) -> None:
    desk = ConfigDesk(RunConfig())
    dialog = dialog_for(qtbot, found, desk.config)
    dialog.settings_chosen.connect(lambda config: desk.replace(config, "Paste settings"))
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert (desk.config, desk.undo_stack.count()) == (found.config, 1)
    desk.undo_stack.undo()
    assert desk.config == RunConfig()


def test_that_cancel_and_escape_change_nothing(qtbot: QtBot, found: Translation) -> None:
    for leave in (
        lambda dialog: button(dialog, "Cancel").click(),
        lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape),
    ):
        dialog = dialog_for(qtbot, found, RunConfig())
        with qtbot.assertNotEmitted(dialog.settings_chosen):
            leave(dialog)
        assert not dialog.isVisible()


def test_that_there_is_nothing_to_apply_where_nothing_differs(
    qtbot: QtBot, found: Translation
) -> None:
    dialog = dialog_for(qtbot, found, found.config)
    assert NOTHING in texts(dialog)
    assert not button(dialog, "Apply").isEnabled()


def test_that_an_option_nobody_set_counts_with_its_default() -> None:
    before = with_value(RunConfig(), "model.likelihood", "gaussian")
    after = with_value(before, "model.likelihood_options.sigma", 0.5)
    assert changes_between(before, after, CATALOGS) == [Change("σ", "0.1", "0.5")]
