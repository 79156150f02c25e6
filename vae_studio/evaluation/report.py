"""The numbers of a finished (or unfinished) run, over whole splits, on demand."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

from vae_studio.data.image_set import DataSplits
from vae_studio.data.progress import Progress, report
from vae_studio.engine.measure import Measured, measure
from vae_studio.engine.session import LoadedModel, load_data, open_model
from vae_studio.engine.summary import TRAIN_IMAGES, split_numbers


def evaluate_run(
    run: Path, *, data_dir: Path | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """D, R and NELBO = D + R in nats per image over the whole test split, and over the first
    10,000 training pictures; active units on the test split. One posterior sample per image,
    β = 1. Raises StudioError when the run or its data cannot be read.
    """
    model = open_model(run)
    splits = load_data(model.config, data_dir=data_dir)
    return evaluate_model(model, splits, progress=progress)


def evaluate_model(
    model: LoadedModel, splits: DataSplits, *, progress: Progress | None = None
) -> dict[str, Any]:
    """As ``evaluate_run``, with model and pictures in hand."""
    convention = str(model.convention)
    total = len(splits.test) + min(TRAIN_IMAGES, len(splits.train))
    test = _exhaust(measure(model.vae, splits.test), 0, total, progress)
    train = _exhaust(
        measure(model.vae, splits.train.slice(0, TRAIN_IMAGES)), test.images, total, progress
    )
    return {
        "run": model.manifest.name,
        "step": model.step,
        "test": split_numbers(test, convention),
        "train": split_numbers(train, convention),
        "active_units": int(test.units.active.sum()),
        "units": model.vae.units,
        "same_data": splits.fingerprint == model.manifest.resolved.get("fingerprint"),
    }


def _exhaust(
    slices: Generator[int, None, Measured], done: int, total: int, progress: Progress | None
) -> Measured:
    while True:
        try:
            done += next(slices)
        except StopIteration as last:
            return last.value  # type: ignore[no-any-return]
        report(progress, done / total, "Evaluating")
