"""The loss, β, what β comes to, and how it moves over the run."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.effective_beta import effective_beta
from vae_studio.domain.events import BatchesTrained, KnobTurned, RunStarted
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import DataLoaded
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.knob_form import Catalogs, KnobForm
from vae_studio.ui.widgets.schedule_pane import SchedulePane

#: What a curve takes to be shaped belongs beside it, not behind "More".
IN_SIGHT = frozenset({"objective.cycles", "objective.ramp", "objective.capacity_warmup"})
USUAL_SHAPE = (1, 28, 28)  # until there are pictures


class ObjectivePanel(QWidget):
    """Signals: ``knob_changed(str path, object value)``, β and annealing also while training;
    ``status_changed(str)`` carries what the effective β means."""

    title = "Objective"
    icon = "sliders-horizontal"
    knob_changed = Signal(str, object)
    status_changed = Signal(str)

    def __init__(self, catalogs: Catalogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = KnobForm(["objective"], catalogs, in_sight=IN_SIGHT)
        self.form.knob_changed.connect(self._take)
        self.effective = ElidedLabel(muted=True)
        self.effective.setAccessibleName("Effective β")
        self.form.add_below("objective.beta", self.effective)
        self.schedules = SchedulePane(catalogs)
        self.schedules.line_drawn.connect(self._take_line)
        self.preview = self.schedules.editor
        self._cards = catalogs.cards
        self._shape = USUAL_SHAPE
        self._pictures = 0
        self._phase = Phase.IDLE
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.form)
        self.form.add_above_more(self.schedules)
        layout.addStretch()
        self.status = ""
        self._refresh()

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self.form.show_config(config)
        self._refresh()

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """The number of pictures tells how many steps the run will have."""
        self._pictures = data.train
        self._shape = data.shape
        self._refresh()

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """β and its annealing stay live while training."""
        self._phase = phase
        self.form.apply_phase(phase)
        if not phase.busy:
            self.schedules.end_run()

    @Slot(object)
    def show_run(self, run: RunStarted) -> None:
        """Draw the schedules over this run's steps."""
        self.schedules.start_run(run)

    @Slot(object)
    def show_turned(self, turned: KnobTurned) -> None:
        """A live setting holds from a step on; what lies before it stays as it was."""
        self.schedules.show_turned(turned)

    @Slot(object)
    def show_progress(self, batches: BatchesTrained) -> None:
        """Move the "now" line."""
        self.preview.show_now(batches.last_step + 1)

    @Slot(str, object)
    def _take(self, path: str, value: object) -> None:
        self._refresh()
        self.knob_changed.emit(path, value)

    @Slot(str, object)
    def _take_line(self, path: str, points: str) -> None:
        self.show_config(with_value(self.form.config, path, points))
        self.knob_changed.emit(path, points)

    def _refresh(self) -> None:
        self.schedules.show_config(self.form.config, self._planned_steps())
        self._show_effective_beta()
        matters = self.form.is_row_visible("objective.beta")
        self.status = meaning_of_beta(self.form.config.objective.beta) if matters else ""
        self.status_changed.emit(self.status)

    def _show_effective_beta(self) -> None:
        found = effective_beta(self.form.config, self._shape, self._cards)
        self.effective.set_full_text(found.sentence)
        self.effective.set_hint(found.reason)

    def _planned_steps(self) -> int:
        train = self.form.config.train
        return -(-self._pictures // train.batch_size) * train.epochs


def meaning_of_beta(beta: float) -> str:
    """What the target β makes of the loss, in a few words."""
    if beta == 0:
        return "β = 0: an autoencoder"
    if beta == 1:
        return "β = 1: the ELBO"
    return f"β = {beta:.3g}: a nat costs {beta:.3g}"
