"""What a run comes to: the content of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vae_studio.engine import build
from vae_studio.engine.measure import Measured
from vae_studio.engine.vae import parameter_count

if TYPE_CHECKING:
    from vae_studio.engine.trainer import Trainer

TRAIN_IMAGES = 10_000  # of the training split: enough for ±0.3 nat, and as quick as the test set


def summarise(
    trainer: Trainer, *, test: Measured | None, train: Measured | None, seconds: float
) -> dict[str, Any]:
    """Plain values only. ``test`` is over the whole test split, ``train`` over its first 10,000
    pictures; each is None when a stopped run was not evaluated. NELBO = D + R in nats per image.
    """
    convention = str(build.convention_of(trainer.vae))
    images = trainer.images_trained
    return {
        "test": split_numbers(test, convention),
        "train": split_numbers(train, convention),
        "epochs": round(trainer.step / trainer.batches.steps_per_epoch, 3),
        "steps": trainer.step,
        "seconds": round(seconds, 3),
        "images_per_second": round(images / seconds, 1) if seconds else 0.0,
        "parameters": parameter_count(trainer.vae),
        "device": trainer.resolved.device,
        "precision": trainer.resolved.precision,
        "seed": trainer.config.train.seed,
        "active_units": int(test.units.active.sum()) if test else None,
    }


def split_numbers(measured: Measured | None, convention: str) -> dict[str, Any] | None:
    """NELBO, D and R of a split with their convention; exact codes have neither rate nor bound."""
    if measured is None:
        return None
    return {
        "nelbo": round(measured.nelbo, 4) if measured.bound else None,
        "distortion": round(measured.distortion, 4),
        "rate": round(measured.rate, 4) if measured.bound else None,
        "convention": convention,
        "images": measured.images,
    }
