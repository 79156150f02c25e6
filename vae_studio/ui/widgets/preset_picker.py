"""Settings that were measured, to start from, with the result they reached."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vae_studio.domain.config import RunConfig
from vae_studio.domain.phase import Phase
from vae_studio.domain.presets import Preset
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.steady_inputs import ChoiceField

OWN = "own settings"


class PresetPicker(QWidget):
    """Signal: ``preset_chosen(str name)``. Shows which preset the settings are, if any."""

    preset_chosen = Signal(str)

    def __init__(self, presets: Sequence[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = {preset.name: preset for preset in presets}
        self.field = ChoiceField()
        self.field.addItem(OWN, "")
        for preset in presets:
            self.field.addItem(preset.title, preset.name)
        describe(self.field, "Preset", "Settings that were measured. Choosing one changes all four "
                 "forms; Ctrl+Z brings your own back.")  # fmt: skip
        self.promise = QLabel()
        self.promise.setWordWrap(True)
        self.promise.setProperty("muted", True)
        self.promise.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.field)
        layout.addWidget(self.promise)
        self.field.activated.connect(self._choose)

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Say which preset these settings are."""
        found = next((p for p in self._presets.values() if p.on_machine_of(config) == config), None)
        blocker = QSignalBlocker(self.field)
        self.field.setCurrentIndex(self.field.findData(found.name) if found else 0)
        blocker.unblock()
        self.promise.setText(found.promise if found else "")
        self.promise.setToolTip(found.help if found else "")
        self.promise.setVisible(bool(found and found.promise))

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """A run keeps the settings it began with."""
        self.field.setEnabled(not phase.busy)

    @Slot(int)
    def _choose(self, index: int) -> None:
        name = self.field.itemData(index)
        if name:
            self.preset_chosen.emit(name)
