"""A card says which scheduled quantities its objective looks at: those and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from vae_studio.domain.config import with_value
from vae_studio.domain.events import BatchesTrained
from vae_studio.engine import build, catalog
from vae_studio.engine.objective import Setting
from vae_studio.engine.trainer import Trainer

USUAL = Setting(beta=1.0, capacity=3.0, temperature=1.0, images=50, step=5, total_steps=10)
OTHER = {"beta": 2.5, "capacity": 9.0, "temperature": 0.3}


@pytest.mark.parametrize("name", list(catalog.objectives()))
def test_that_the_loss_follows_what_the_card_says_and_nothing_else(name: str, small_config) -> None:
    config = with_value(small_config(), "objective.objective", name)
    model = build.build_model(config, (1, 28, 28))
    objective = build.build_objective(config, model)
    objective.prepare(model, seed=0)
    x_BCHW = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(1))

    def loss(at: Setting) -> float:
        return objective(model, x_BCHW, at, torch.Generator().manual_seed(2)).loss.item()

    found = {q for q, value in OTHER.items() if loss(replace(USUAL, **{q: value})) != loss(USUAL)}
    assert found == set(catalog.objectives()[name].uses)


def test_that_a_quantity_nobody_uses_is_not_recorded(small_config, tiny_splits) -> None:
    unused = {
        "objective.objective": "iwae", "objective.beta": 4.0, "objective.temperature": 0.5,
    }  # fmt: skip
    told = list(Trainer(small_config(unused), tiny_splits).run())
    chunks = [event for event in told if isinstance(event, BatchesTrained)]
    assert {value for chunk in chunks for value in chunk.beta.tolist()} == {1.0}
    assert not any("temperature" in chunk.extra for chunk in chunks)
