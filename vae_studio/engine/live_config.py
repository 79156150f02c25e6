"""The config in force at a step: the run's config plus the knobs turned since."""

from __future__ import annotations

from collections.abc import Sequence

from vae_studio.domain import schedules
from vae_studio.domain.config import RunConfig, knob_at, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import KnobTurned
from vae_studio.domain.knobs import Value


class LiveConfig:
    """A pure function of the step, given the list of turned knobs; resuming needs only the list."""

    def __init__(
        self, config: RunConfig, total_steps: int, turned: Sequence[KnobTurned] = ()
    ) -> None:
        self._first = config
        self.total_steps = total_steps
        self.turned = list(turned)
        self._applied = -1
        self._config = config

    def turn(self, step: int, path: str, value: Value) -> KnobTurned:
        """Turn a live knob from ``step`` on; StudioError for a wrong value or a fixed knob."""
        knob = knob_at(path)
        if not knob.live:
            raise StudioError(f"{knob.label} is decided when a run starts; start another run.")
        with_value(self._first, path, value)
        turned = KnobTurned(step, path, value)
        self.turned.append(turned)
        return turned

    def at(self, step: int) -> RunConfig:
        """The config in force at ``step``."""
        due = sum(edit.step <= step for edit in self.turned)
        if due != self._applied:
            self._config = self._first
            for edit in sorted(self.turned, key=lambda edit: edit.step)[:due]:
                self._config = with_value(self._config, edit.path, edit.value)
            self._applied = due
        return self._config

    def beta(self, step: int) -> float:
        """The KL weight at ``step``: target × annealing factor."""
        objective = self.at(step).objective
        factor = schedules.annealing_factor(
            objective.schedule, step, self.total_steps,
            warmup=objective.warmup, cycles=objective.cycles, ramp=objective.ramp,
        )  # fmt: skip
        return objective.beta * factor

    def learning_rate(self, step: int) -> float:
        """The step size at ``step``."""
        train = self.at(step).train
        if train.lr_schedule == "constant":
            return train.learning_rate
        warmup_steps = min(100, self.total_steps // 20)
        return train.learning_rate * schedules.cosine_decay(
            step, self.total_steps, warmup_steps=warmup_steps
        )
