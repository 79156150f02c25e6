"""What the small runs of the tests hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

CONFIG = {"data": {"dataset": "mnist"}, "train": {"learning_rate": 0.002}}
RESOLVED = {"device": "cpu", "total_steps": 40, "shape": (1, 28, 28), "convention": "grey-BCE"}


def tensors_at(step: int) -> dict[str, np.ndarray]:
    """Different at every step, and exact."""
    dice = np.random.default_rng(step)
    return {
        "model.weight": dice.standard_normal((3, 5)).astype(np.float32),
        "model.bias": dice.standard_normal(5).astype(np.float32),
        "adam.step": np.asarray(float(step), np.float32),
    }


def same_tensors(found: Mapping[str, np.ndarray], step: int) -> bool:
    """Whether these are, to the bit, the tensors of this step."""
    wanted = tensors_at(step)
    return set(found) == set(wanted) and all(
        found[name].dtype == value.dtype
        and found[name].shape == value.shape
        and found[name].tobytes() == value.tobytes()
        for name, value in wanted.items()
    )
