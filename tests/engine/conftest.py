"""Small runs that train in a fraction of a second."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from vae_studio.domain.config import RunConfig, with_value

SMALL = {
    "model.net": "mlp", "model.latent_dim": 4, "model.options.width": 24, "train.epochs": 3,
    "train.batch_size": 100, "train.precision": "fp32", "train.device": "cpu",
}  # fmt: skip


@pytest.fixture
def small_config() -> Callable[..., RunConfig]:
    """A config of a tiny net (12 steps on tiny_splits), with changes by path."""

    def make(changes: dict[str, object] | None = None) -> RunConfig:
        config = RunConfig()
        for path, value in {**SMALL, **(changes or {})}.items():
            config = with_value(config, path, value)  # type: ignore[arg-type]
        return config

    return make


@pytest.fixture
def quick_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls the plug here, and syncing takes two thirds of the time of a small run."""
    for name in ("fsync", "fdatasync"):
        if hasattr(os, name):
            monkeypatch.setattr(os, name, lambda descriptor: None)
