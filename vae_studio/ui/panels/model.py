"""Which network, how many units, which likelihood; and the layers all that comes to."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import RunStarted
from vae_studio.domain.layers import LayersDescribed, LayersWanted
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import DataLoaded
from vae_studio.ui.numbers import short_count
from vae_studio.ui.widgets.disclosure import Disclosure
from vae_studio.ui.widgets.hints import wrapped
from vae_studio.ui.widgets.knob_form import Catalogs, KnobForm
from vae_studio.ui.widgets.layer_list import LayerList

SETTLED_MS = 150  # a spin box that is still being turned is not worth an answer


class ModelPanel(QWidget):
    """Signals: ``knob_changed(str path, object value)``; ``layers_wanted(LayersWanted)``;
    ``status_changed(str)``.
    """

    title = "Model"
    icon = "layers"
    knob_changed = Signal(str, object)
    layers_wanted = Signal(object)
    status_changed = Signal(str)

    def __init__(self, catalogs: Catalogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = KnobForm(["model"], catalogs)
        self.form.knob_changed.connect(self.knob_changed)
        self._trained: RunConfig | None = None
        self._parameters = ""
        self.status = ""
        self.layers = LayerList()
        self.layers.setMinimumHeight(200)
        self.disclosure = Disclosure(
            "Layers", self.layers,
            tooltip="Every layer with its shape, its weights and what it costs per picture.",
        )  # fmt: skip
        self._data: DataLoaded | None = None
        self._wanted: LayersWanted | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._ask_for_layers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        layout.addWidget(self.disclosure)
        layout.addStretch()

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self.form.show_config(config)
        self._settled.start()
        self._say()

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """Layers depend on the pictures' shape, and on how many classes a model is told."""
        self._data = data
        self._settled.start()

    @Slot(object)
    def show_layers(self, described: LayersDescribed) -> None:
        """The layers of the model in the form; an answer to older settings is dropped."""
        if described.wanted == self._wanted:
            table = described.table
            # short: a button cannot be narrower than its text, nor the form than its button
            self.disclosure.button.setText(
                f"{len(table.layers)} layer{'s' if len(table.layers) != 1 else ''}, "
                f"{short_count(table.flops)} FLOP"
            )
            weights, operations = short_count(table.parameters), short_count(table.flops)
            self.disclosure.button.setToolTip(wrapped(
                f"{weights} weights; {operations} operations to encode and decode a picture, three "
                "times as many to learn from it.",
            ))  # fmt: skip
            self.layers.show_layers(table)

    @Slot()
    def _ask_for_layers(self) -> None:
        if self._data is None:
            return
        wanted = LayersWanted(self.form.config.model, self._data.shape, len(self._data.class_names))
        if wanted != self._wanted:
            self._wanted = wanted
            self.layers_wanted.emit(wanted)

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
