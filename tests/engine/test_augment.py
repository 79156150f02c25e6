"""Training pictures that vary from step to step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.trained import arrays_of, bits_of, finished

from vae_studio.domain.config import DataConfig
from vae_studio.engine import trainer as trainer_module
from vae_studio.engine.augment import Augment
from vae_studio.engine.batches import Batch
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import Checkpoint

CPU = torch.device("cpu")
EVERYTHING = {
    "data.augment_flip": True, "data.augment_shift": 2, "data.augment_rotate": 10.0,
    "data.augment_noise": 0.1,
}  # fmt: skip


def varied(x_BCHW: torch.Tensor, step: int = 0, seed: int = 0, **wishes: object) -> torch.Tensor:
    augment = Augment(DataConfig(**wishes), seed=seed, device=CPU)  # type: ignore[arg-type]
    return augment(Batch(x_BCHW), step).x_BCHW


@pytest.fixture
def x_BCHW() -> torch.Tensor:
    return torch.rand(64, 3, 8, 12, generator=torch.Generator().manual_seed(0))


def test_that_nothing_wished_changes_nothing(x_BCHW: torch.Tensor) -> None:
    batch = Batch(x_BCHW)
    assert Augment(DataConfig(), seed=0, device=CPU)(batch, 3) is batch


def test_that_about_half_are_mirrored_and_the_rest_stay(x_BCHW: torch.Tensor) -> None:
    y = varied(x_BCHW, augment_flip=True)
    same = torch.isclose(y, x_BCHW, atol=1e-5).flatten(1).all(1)
    mirrored = torch.isclose(y, x_BCHW.flip(3), atol=1e-5).flatten(1).all(1)
    assert (same | mirrored).all()
    assert 15 < int(mirrored.sum()) < 49


def test_that_a_shift_is_of_whole_pixels_within_its_range(x_BCHW: torch.Tensor) -> None:
    y = varied(x_BCHW, augment_shift=2)
    seen = set()
    for before, after in zip(x_BCHW, y, strict=True):
        inside = after[:, 2:-2, 2:-2]
        found = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.allclose(inside, before[:, 2 - down : 6 - down, 2 - right : 10 - right],
                              atol=1e-5)
        ]  # fmt: skip
        assert len(found) == 1
        seen.update(found)
    assert len(seen) > 12
    assert {abs(down) for down, _ in seen} == {0, 1, 2}


def test_that_a_right_angle_turns_a_square_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(1))
    augment = Augment(DataConfig(augment_rotate=90.0), seed=0, device=CPU)
    highest = torch.ones(4, 1, 1, 1)
    monkeypatch.setattr(torch, "rand", lambda *_, **__: highest)
    y = augment(Batch(x), 0).x_BCHW
    assert any(torch.allclose(y, x.rot90(k, (2, 3)), atol=1e-5) for k in (1, -1))


def test_that_beyond_the_edge_is_as_at_the_edge() -> None:
    assert varied(torch.full((16, 1, 6, 6), 0.7), augment_shift=3, augment_rotate=45.0).allclose(
        torch.tensor(0.7), atol=1e-5
    )


def test_that_noise_has_its_size_and_stays_in_range() -> None:
    y = varied(torch.full((64, 1, 16, 16), 0.5), augment_noise=0.1)
    assert float(y.std()) == pytest.approx(0.1, rel=0.05)
    edge = varied(torch.ones(8, 1, 8, 8), augment_noise=0.5)
    assert float(edge.max()) == 1.0
    assert float(edge.min()) >= 0.0


def test_that_step_and_seed_alone_decide(x_BCHW: torch.Tensor) -> None:
    wishes = {path.removeprefix("data."): value for path, value in EVERYTHING.items()}
    first = varied(x_BCHW, step=5, seed=1, **wishes)
    torch.rand(10)  # what others draw meanwhile
    assert torch.equal(first, varied(x_BCHW, step=5, seed=1, **wishes))
    assert not torch.equal(first, varied(x_BCHW, step=6, seed=1, **wishes))
    assert not torch.equal(first, varied(x_BCHW, step=5, seed=2, **wishes))


@pytest.mark.parametrize("broken", [False, True])
def test_that_an_augmented_run_resumes_to_the_same_bits(
    broken: bool, small_config, tiny_splits, monkeypatch
) -> None:
    config = small_config(EVERYTHING)
    whole = finished(Trainer(config, tiny_splits))
    before = Trainer(config, tiny_splits)
    events = before.run()
    while before.step < 5:
        next(events)
    checkpoint = Checkpoint(
        step=5, name="", tensors=arrays_of(before), scalars={"seconds": 0.0}
    )  # fmt: skip
    if broken:  # lots drawn from a stream that a resumed run begins anew
        stream = iter(range(10_000))
        plain = trainer_module.Augment.__call__
        monkeypatch.setattr(
            trainer_module.Augment, "__call__", lambda self, b, _step: plain(self, b, next(stream))
        )
    after = Trainer(config, tiny_splits, resolved=before.resolved, resume=checkpoint)
    assert (finished(after) == whole) is not broken


def test_that_held_out_pictures_are_never_varied(small_config, tiny_splits, monkeypatch) -> None:
    seen: list[int] = []
    plain = trainer_module.Augment.__call__

    def note(self, batch, step):
        seen.append(len(batch))
        return plain(self, batch, step)

    monkeypatch.setattr(trainer_module.Augment, "__call__", note)
    trainer = Trainer(small_config(EVERYTHING), tiny_splits)
    before = tiny_splits.validation.images_NCHW.copy()
    assert bits_of(trainer)
    for _ in trainer.run():
        pass
    assert len(seen) == trainer.total_steps
    assert np.array_equal(tiny_splits.validation.images_NCHW, before)
