"""Thirty seeded steps of every objective, as text: a change of any loss is seen as a diff.

The curves in ``golden/`` are written anew, after a change that was meant, with

    VAE_STUDIO_WRITE_GOLDEN=1 python -m pytest tests/engine/test_objectives_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vae_studio.domain.events import BatchesTrained
from vae_studio.engine import catalog
from vae_studio.engine.trainer import Trainer

GOLDEN = Path(__file__).parent / "golden"
STEPS = 30
#: The same machine type repeats them to the last digit; another order of additions grows, over
#: thirty steps of Adam, to some 1e-4 of a number. Estimates around zero have the absolute part.
RELATIVE, ABSOLUTE = 2e-3, 2e-2

CHANGES = {
    "beta-tcvae": {"objective.beta": 6.0},
    "bn-vae": {"objective.beta": 2.0},
    "capacity": {"objective.capacity": 8.0, "objective.capacity_schedule": "linear"},
    "control-vae": {"objective.options.target": 4.0, "objective.options.ki": 0.01},
    "factor-vae": {"objective.options.width": 32},
    "free-bits": {"objective.options.nats": 0.5},
}


def _curve(name: str, small_config, splits) -> dict[str, np.ndarray]:
    """Every number told of the first steps, by name."""
    changes = {"train.epochs": 8, "objective.objective": name, **CHANGES.get(name, {})}
    trainer = Trainer(small_config(changes), splits)
    told = [event for event in trainer.run() if isinstance(event, BatchesTrained)]
    columns = {
        "loss": [e.loss for e in told], "D": [e.distortion for e in told],
        "R": [e.rate for e in told], **{n: [e.extra[n] for e in told] for n in told[0].extra},
    }  # fmt: skip
    return {column: np.concatenate(parts)[:STEPS] for column, parts in columns.items()}


def _written(curve: dict[str, np.ndarray]) -> str:
    rows = zip(*curve.values(), strict=True)
    lines = ["\t".join(f"{value:.6g}" for value in row) for row in rows]
    return "\n".join(["\t".join(curve), *lines, ""])


def _read(text: str) -> dict[str, np.ndarray]:
    head, *lines = text.splitlines()
    table = np.array([[float(word) for word in line.split("\t")] for line in lines])
    return dict(zip(head.split("\t"), table.T, strict=True))


def _differences(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> list[str]:
    if list(found) != list(wanted):
        return [f"tells {list(found)}, not {list(wanted)}"]
    return [
        f"{name} at step {step}: {found[name][step]:.6g}, not {wanted[name][step]:.6g}"
        for name in wanted
        for step in range(STEPS)
        if not np.isclose(found[name][step], wanted[name][step], rtol=RELATIVE, atol=ABSOLUTE)
    ]


@pytest.mark.parametrize("name", list(catalog.objectives()))
def test_that_thirty_steps_are_those_of_the_golden_curve(
    name: str, small_config, tiny_splits
) -> None:
    file = GOLDEN / f"{name}.txt"
    curve = _curve(name, small_config, tiny_splits)
    if os.environ.get("VAE_STUDIO_WRITE_GOLDEN"):
        file.write_text(_written(curve), encoding="utf-8")
    assert _differences(curve, _read(file.read_text(encoding="utf-8"))) == []


def test_that_no_two_objectives_have_the_same_curve_nor_a_flat_one() -> None:
    curves = {file.stem: _read(file.read_text(encoding="utf-8")) for file in GOLDEN.glob("*.txt")}
    assert set(curves) == set(catalog.objectives())
    texts = {name: curve["loss"].tobytes() for name, curve in curves.items()}
    assert texts.pop("elbo") == texts["beta-vae"]  # at β = 1 they are one
    assert len(set(texts.values())) == len(texts)
    assert all(np.ptp(curve["loss"]) > 1.0 for curve in curves.values())


def test_that_a_change_of_one_number_is_seen() -> None:
    curve = _read((GOLDEN / "elbo.txt").read_text(encoding="utf-8"))
    other = {**curve, "R": curve["R"].copy()}
    other["R"][12] *= 1.05
    assert len(_differences(other, curve)) == 1
    assert _differences({"loss": curve["loss"]}, curve)
