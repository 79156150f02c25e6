"""Trainers driven by tests, and the bits they end with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vae_studio.engine.checkpoint import as_arrays, living
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.terms import Terms
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import RunFolder


def arrays_of(trainer: Trainer) -> dict[str, Any]:
    """All that training has changed, as arrays by name."""
    stepper = trainer._stepper
    return as_arrays(living(trainer.vae, stepper.optimizer, stepper.objective))


def bits_of(trainer: Trainer) -> bytes:
    """Weights, moments and the objective's own state, to the bit."""
    arrays = arrays_of(trainer)
    return b"".join(arrays[name].tobytes() for name in sorted(arrays))


def finished(trainer: Trainer) -> bytes:
    """Train to the end; the bits."""
    for _ in trainer.run():
        pass
    return bits_of(trainer)


def numbers(path: Path) -> list[tuple]:
    """Everything in the metrics of a run folder but how it was cut into lines."""
    told: list[tuple] = []
    for line in RunFolder.open(path).read_metrics():
        if line["kind"] == "batches":
            columns = [name for name, values in sorted(line.items()) if isinstance(values, list)]
            rows = zip(*(line[name] for name in columns), strict=True)
            told += [(line["step"] + i, *row) for i, row in enumerate(rows)]
        else:
            told.append((line["kind"], line["step"], line.get("distortion"), line.get("rate")))
    return told


class Meddled:
    """An objective whose terms pass through ``change`` before the stepper sees them.

    ``change(terms, at)`` may raise; everything else is the real objective's own.
    """

    def __init__(self, honest: BaseObjective, change: Callable[[Terms, Setting], Terms]) -> None:
        self._honest, self._change = honest, change

    def __call__(
        self, model: Model, x_BCHW: Tensor, at: Setting, generator: torch.Generator
    ) -> Terms:
        return self._change(self._honest(model, x_BCHW, at, generator), at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)


def meddle(trainer: Trainer, change: Callable[[Terms, Setting], Terms]) -> None:
    """Let ``change`` come between the trainer and its objective."""
    stepper = trainer._stepper
    stepper.objective = Meddled(stepper.objective, change)  # type: ignore[assignment]


def spoilt(terms: Terms, by: float = float("nan")) -> Terms:
    """The same terms with a loss and a rate that are no finite numbers."""
    return replace(terms, loss=terms.loss * by, rate=terms.rate * by)
