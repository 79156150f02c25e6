"""The config in force at a step: the run's config plus the knobs turned since."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vae_studio.domain.config import RunConfig, knob_at, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import KnobTurned
from vae_studio.domain.knobs import Value
from vae_studio.domain.schedules import QUANTITIES, Schedule, curves


class LiveConfig:
    """A pure function of the step, given the list of turned knobs; resuming needs only the list.

    What was decided before a step stays what it was: a knob turned at step k changes no step
    before k. From k on the later wish wins, also over one left ahead by a run that was resumed.
    """

    def __init__(
        self, config: RunConfig, total_steps: int, turned: Sequence[KnobTurned] = ()
    ) -> None:
        self._first = config
        self.total_steps = total_steps
        self.turned = list(turned)
        self._applied = 0  # how many of the turned knobs the config below holds
        self._config = config
        self._schedules: dict[str, Schedule] = {}

    def turn(self, step: int, path: str, value: Value) -> KnobTurned:
        """Turn a live knob from ``step`` on; StudioError for a wrong value or a fixed knob."""
        knob = knob_at(path)
        if not knob.live:
            raise StudioError(f"{knob.label} is decided when a run starts; start another run.")
        if knob.catalog == "schedule" and value not in curves():
            raise StudioError(f"There is no curve '{value}'; use one of: {', '.join(curves())}.")
        turned = KnobTurned(step, path, knob.check(value))
        self.turned.append(turned)
        self._applied = -1
        return turned

    def at(self, step: int) -> RunConfig:
        """The config in force at ``step``."""
        due = [edit for edit in self.turned if edit.step <= step]
        if len(due) != self._applied:
            self._config = self._first
            for edit in due:  # in the order of the wishes, not of the steps
                self._config = with_value(self._config, edit.path, edit.value)
            self._applied = len(due)
            self._schedules = {}
        return self._config

    def value(self, quantity: str, step: int) -> float:
        """A scheduled quantity (a name of ``schedules.QUANTITIES``) at ``step``."""
        return self._schedule(quantity, step).at(step, self.total_steps)

    def _schedule(self, quantity: str, step: int) -> Schedule:
        config = self.at(step)
        if quantity not in self._schedules:
            self._schedules[quantity] = QUANTITIES[quantity].schedule(config)
        return self._schedules[quantity]

    def is_settled(self, step: int, uses: Collection[str] = ()) -> bool:
        """Whether all that shapes the loss has reached its target: no warm-up, no annealing.

        ``uses`` are the optional quantities that the objective looks at.
        """
        return all(
            self._schedule(name, step).factor(step, self.total_steps) == 1.0
            for name, quantity in QUANTITIES.items()
            if not quantity.falls and (not quantity.optional or name in uses)
        )

    def beta(self, step: int) -> float:
        """The KL weight at ``step``."""
        return self.value("beta", step)

    def capacity(self, step: int) -> float:
        """The rate in nats per image that a capacity-annealed objective aims at."""
        return self.value("capacity", step)

    def temperature(self, step: int) -> float:
        """The scale of the posterior's noise at ``step``."""
        return self.value("temperature", step)

    def learning_rate(self, step: int) -> float:
        """The step size at ``step``."""
        return self.value("learning_rate", step)
