"""Which network, how many units, which likelihood."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import RunStarted
from vae_studio.domain.phase import Phase
from vae_studio.ui.widgets.knob_form import Catalogs, KnobForm


class ModelPanel(QWidget):
    """Signals: ``knob_changed(str path, object value)``; ``status_changed(str)``."""

    title = "Model"
    icon = "layers"
    knob_changed = Signal(str, object)
    status_changed = Signal(str)

    def __init__(self, catalogs: Catalogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = KnobForm(["model"], catalogs)
        self.form.knob_changed.connect(self.knob_changed)
        self._trained: RunConfig | None = None
        self._parameters = ""
        self.status = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        layout.addStretch()

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self.form.show_config(config)
        self._say()

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """The model is decided when a run starts."""
        self.form.apply_phase(phase)

    @Slot(object)
    def show_run(self, run: RunStarted) -> None:
        """The run's model stands: say how large it is."""
        self._trained = self.form.config
        self._parameters = f"{short_count(run.parameters)} parameters"
        self._say()

    def _say(self) -> None:
        same = self._trained is not None and self._trained.model == self.form.config.model
        self.status = self._parameters if same else ""
        self.status_changed.emit(self.status)


def short_count(count: int) -> str:
    """ "950", "335 k", "1.35 M"."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.3g} {sign}"
    return str(count)
