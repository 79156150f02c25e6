"""The quantities that move over a run, one picture at a time, past and ahead."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import KnobTurned, RunStarted
from vae_studio.domain.live_config import LiveConfig
from vae_studio.domain.schedules import QUANTITIES, settings_in_use
from vae_studio.ui.widgets.knob_form import Catalogs
from vae_studio.ui.widgets.schedule_editor import ScheduleEditor
from vae_studio.ui.widgets.segmented import Segmented

#: The chrome colour of each quantity's curve.
ROLES = {
    "beta": "beta", "capacity": "kl", "temperature": "reconstruction", "learning_rate": "accent",
}  # fmt: skip
assert ROLES.keys() == QUANTITIES.keys(), "every quantity needs a colour"


class SchedulePane(QWidget):
    """Signal: ``line_drawn(str path, object points)`` after the person drew a line."""

    line_drawn = Signal(str, object)

    def __init__(self, catalogs: Catalogs) -> None:
        super().__init__()
        self._catalogs = catalogs
        self._config = RunConfig()
        self._planned_steps = 0
        self._run: LiveConfig | None = None
        self.which = Segmented("Which quantity is shown", vertical=True)
        for quantity in QUANTITIES.values():
            self.which.add(quantity.name, quantity.symbol, f"Show the {quantity.label}.")
        self.which.chosen.connect(self._redraw)
        self.editor = ScheduleEditor()
        self.editor.line_drawn.connect(self._tell)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.which, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.editor, 1)

    def show_config(self, config: RunConfig, planned_steps: int) -> None:
        """Draw these settings: for the coming run, or for what is left of the one under way."""
        if (config, planned_steps) != (self._config, self._planned_steps):
            self._config, self._planned_steps = config, planned_steps
            self._redraw()

    def start_run(self, run: RunStarted) -> None:
        """A run begins or goes on: what it leaves behind stays as it was."""
        self._run = LiveConfig(run.config, run.total_steps, run.turned)
        self.editor.show_now(run.step)
        self._redraw()

    def show_turned(self, turned: KnobTurned) -> None:
        """A setting of the run under way was changed from a step on."""
        if self._run:
            self._run.turn(turned.step, turned.path, turned.value)
            self._redraw()

    def end_run(self) -> None:
        """The run is over; the settings are those of the next one."""
        if self._run:
            self._run = None
            self.editor.show_now(None)
            self._redraw()

    @Slot()
    def _redraw(self) -> None:
        offered = self._offered()
        for name in QUANTITIES:
            self.which.button(name).setVisible(name in offered)
        if self.which.value not in offered:
            self.which.show_value(offered[0])
        quantity = QUANTITIES[self.which.value]
        run = self._run
        self.editor.show_schedule(
            quantity.schedule(self._config),
            run.total_steps if run else self._planned_steps,
            symbol=quantity.symbol,
            role=ROLES[quantity.name],
            past=partial(run.value, quantity.name) if run else None,
        )

    def _offered(self) -> list[str]:
        """What the objective uses; noise only where it is not simply that of the ELBO."""
        card = self._catalogs.cards("objective").get(self._config.objective.objective)
        in_use = settings_in_use(self._config, card.uses if card else ())
        noise = QUANTITIES["temperature"].schedule(self._config)
        plain = {"temperature"} if (noise.target, noise.curve) == (1.0, "constant") else set()
        return [n for n, q in QUANTITIES.items() if in_use[q.target] and n not in plain]

    @Slot(str)
    def _tell(self, points: str) -> None:
        self.line_drawn.emit(QUANTITIES[self.which.value].points, points)
