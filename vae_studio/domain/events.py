"""Facts told by the engine. Frozen, made of numpy and plain values: no tensor leaves the worker.

Distortion D, rate R and NELBO are in nats per image, summed over pixels and units, averaged over
the images they name; ``beta`` is the KL weight in force at that step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.config import RunConfig
from vae_studio.domain.convention import Convention

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class RunStarted:
    """The model stands and the first batch is next (``step`` > 0 when resumed).

    ``config`` is what the run began with, ``turned`` what was changed before it went on.
    """

    run_id: str
    name: str
    step: int
    total_steps: int
    steps_per_epoch: int
    epochs: int
    device: str
    precision: str
    parameters: int
    convention: Convention
    config: RunConfig = field(default_factory=RunConfig)
    turned: tuple[KnobTurned, ...] = ()


@dataclass(frozen=True, eq=False)
class BatchesTrained:
    """Consecutive batches, one value each: arrays (n,). ``first_step`` is that of element 0."""

    first_step: int
    distortion: Floats
    rate: Floats
    loss: Floats
    beta: Floats
    learning_rate: Floats
    extra: dict[str, Floats] = field(default_factory=dict)
    images_per_second: float = 0.0

    @property
    def last_step(self) -> int:
        """Step of the last batch in the chunk."""
        return self.first_step + len(self.loss) - 1


@dataclass(frozen=True, eq=False)
class UnitsMeasured:
    """Per unit (D,): mean KL in nats, variance of the means, mean posterior σ; over ``images``."""

    step: int
    kl_D: Floats
    mean_variance_D: Floats
    sigma_D: Floats
    images: int

    @property
    def active(self) -> NDArray[np.bool_]:
        """Units whose mean varies by more than 0.01 over the data (Burda 2016)."""
        return self.mean_variance_D > 0.01


@dataclass(frozen=True)
class Validated:
    """D and R on held-out images at β = 1, with the model in evaluation mode."""

    step: int
    split: str
    distortion: float
    rate: float
    images: int
    convention: Convention

    @property
    def nelbo(self) -> float:
        """−ELBO in nats per image: D + R. For exact codes it is D, and no bound."""
        return self.distortion + self.rate

    def __str__(self) -> str:
        return self.convention.sentence(self.distortion, self.rate)


@dataclass(frozen=True)
class EpochEnded:
    """All training images have been seen once more; ``epoch`` counts from 1."""

    epoch: int
    step: int


@dataclass(frozen=True)
class CheckpointSaved:
    """The run folder holds this step for good. ``kind`` is "periodic" or "best"."""

    step: int
    name: str
    kind: str = "periodic"


@dataclass(frozen=True)
class DiskRefused:
    """The run folder could not be written, so the run waits with its weights in memory; its next
    turn tries again. ``sentence`` names the path and the cause."""

    step: int
    sentence: str
    details: str


@dataclass(frozen=True)
class KnobTurned:
    """A live setting was changed; it holds from ``step`` on."""

    step: int
    path: str
    value: float | int | str | bool


@dataclass(frozen=True)
class NoticeGiven:
    """Something worth a line in the log. ``level`` is "info", "warning" or "error"."""

    level: str
    sentence: str


@dataclass(frozen=True)
class RunFinished:
    """The last batch is done, evaluated and saved. ``summary`` is what summary.json holds."""

    step: int
    stopped: bool
    summary: dict[str, Any]


@dataclass(frozen=True)
class RunFailed:
    """The run ended before its end; the last good model stays explorable. ``folder`` is where the
    run lies on this computer, or empty; ``half_rate`` the learning rate to go on with from the
    last checkpoint, 0 when that is no remedy."""

    sentence: str
    details: str
    folder: str = ""
    half_rate: float = 0.0


Event = (
    RunStarted | BatchesTrained | UnitsMeasured | Validated | EpochEnded | CheckpointSaved
    | DiskRefused | KnobTurned | NoticeGiven | RunFinished | RunFailed
)  # fmt: skip
