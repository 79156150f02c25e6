"""Objectives that learn, steer or change the model: over steps, and when they resume."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from engine import toys
from support.trained import arrays_of, bits_of, meddle, spoilt

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import BatchesTrained, RunFinished
from vae_studio.engine import build, session
from vae_studio.engine.checkpoint import unpack_model
from vae_studio.engine.objective import Setting
from vae_studio.engine.objectives import bn_vae, control_vae, factor_vae
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import Checkpoint

STATEFUL = {
    "factor-vae": {"width": 8, "gamma": 20.0},
    "control-vae": {"target": 1.0, "ki": 0.05},
}


def _config(small_config, name: str, **changes: object):
    options = {f"objective.options.{k}": v for k, v in STATEFUL.get(name, {}).items()}
    return small_config({"objective.objective": name, **options, **changes})


def _finished(trainer: Trainer) -> tuple[bytes, list[float]]:
    """All that a checkpoint at the end holds, and all numbers told of the last steps."""
    told = [event for event in trainer.run() if isinstance(event, BatchesTrained)]
    arrays = arrays_of(trainer)
    columns = [np.stack([e.loss, *e.extra.values()]) for e in told]
    numbers = np.concatenate(columns, axis=1)[:, -4:].ravel().tolist()
    return b"".join(arrays[name].tobytes() for name in sorted(arrays)), numbers


def _stopped_at(step: int, config, splits) -> Trainer:
    trainer = Trainer(config, splits)
    events = trainer.run()
    while trainer.step < step:
        next(events)
    return trainer


def _resumed(config, splits, tensors, before: Trainer) -> Trainer:
    checkpoint = Checkpoint(step=before.step, name="", tensors=tensors, scalars={"seconds": 0.0})
    return Trainer(config, splits, resolved=before.resolved, resume=checkpoint)


# -- resuming -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 4, 8])
@pytest.mark.parametrize("name", [*STATEFUL, "bn-vae"])
def test_that_an_objective_resumes_to_the_same_bits(
    name: str, step: int, small_config, tiny_splits
) -> None:
    config = _config(small_config, name)
    whole = _finished(Trainer(config, tiny_splits))
    before = _stopped_at(step, config, tiny_splits)
    after = _resumed(config, tiny_splits, arrays_of(before), before)
    assert _finished(after) == whole


@pytest.mark.parametrize("name", STATEFUL)
def test_that_each_item_an_objective_saves_is_needed(name: str, small_config, tiny_splits) -> None:
    """Left out, it is missed in one sentence; as it was at the start, it changes the run."""
    config = _config(small_config, name)
    whole = _finished(Trainer(config, tiny_splits))
    fresh = arrays_of(Trainer(config, tiny_splits))
    before = _stopped_at(8, config, tiny_splits)
    saved = arrays_of(before)
    items = [item for item in saved if item.startswith("objective.")]
    assert len(items) == {"factor-vae": 14 + 28 + 2, "control-vae": 2}[name]
    for item in items:
        lacking = {key: value for key, value in saved.items() if key != item}
        with pytest.raises(StudioError, match="lacks"):
            _resumed(config, tiny_splits, lacking, before)
    for item in items if name == "control-vae" else items[::7] + items[-2:]:
        stale = {**saved, item: fresh[item]}
        assert _finished(_resumed(config, tiny_splits, stale, before)) != whole, item


@pytest.mark.parametrize("name", [*STATEFUL, "bn-vae"])
def test_that_what_an_accelerator_skips_teaches_an_objective_nothing(
    name: str, small_config, tiny_splits
) -> None:
    """The steps behind a bad one run as well, before anybody knows; each is undone on the spot."""
    config = _config(small_config, name)
    _finished(whole := Trainer(config, tiny_splits))
    slipping, slips = Trainer(config, tiny_splits), iter([True])
    slipping._stepper.waits = False
    meddle(
        slipping,
        lambda terms, at: spoilt(terms) if at.step == 5 and next(slips, False) else terms,
    )
    _finished(slipping)
    assert next(slips, None) is None
    assert bits_of(slipping) == bits_of(whole)


# -- FactorVAE ------------------------------------------------------------------------------------


def _factor(units: int, **options: object) -> factor_vae.Objective:
    objective = toys.make_objective("factor-vae", width=64, **options)
    vae = toys.make_toy()
    vae.units = units
    objective.prepare(vae, seed=0)
    return objective


def _read_tc(draw, steps: int = 250) -> float:
    """What the discriminator makes of codes that ``draw`` answers, after some steps."""
    objective = _factor(2)
    factor_lr = pytest.MonkeyPatch()
    with factor_lr.context() as patch:
        patch.setattr(factor_vae, "LEARNING_RATE", 1e-3)
        for step in range(steps):
            objective.before_step()
            objective._codes.append(draw(256))
            objective.after_step(Setting(beta=1.0, step=step))
    with torch.no_grad():
        return objective.discriminator(draw(4096)).mean().item()


def test_that_the_discriminator_finds_dependence_and_finds_none_where_there_is_none() -> None:
    generator = torch.Generator().manual_seed(0)

    def independent(count: int) -> torch.Tensor:
        return torch.randn(count, 2, generator=generator)

    def dependent(count: int) -> torch.Tensor:
        """Correlation 0.9: TC = −½ ln(1 − 0.81) = 0.83."""
        first, second = independent(count).T
        return torch.stack([first, 0.9 * first + math.sqrt(0.19) * second], 1)

    assert abs(_read_tc(independent)) < 0.1
    assert _read_tc(dependent) == pytest.approx(-0.5 * math.log(0.19), abs=0.25)


def test_that_shuffled_units_keep_each_units_values_and_lose_their_company() -> None:
    z = torch.arange(1000.0).view(-1, 1).repeat(1, 3)
    shuffled = factor_vae.shuffle_units(z, torch.Generator().manual_seed(0))
    assert torch.equal(shuffled.sort(0).values, z)
    assert abs(torch.corrcoef(shuffled.T)[0, 1]) < 0.1


def test_that_the_model_does_not_teach_the_discriminator_nor_it_the_model() -> None:
    toy, objective = toys.make_toy(), _factor(toys.UNITS)
    objective.before_step()
    terms = objective(toy, torch.rand(8, *toys.SHAPE), Setting(beta=1.0), torch.Generator())
    terms.loss.backward()
    assert all(p.grad is None for p in objective.discriminator.parameters())
    weights = [p.detach().clone() for p in objective.discriminator.parameters()]
    pulls = [p.grad.clone() for p in toy.parameters()]
    objective.after_step(Setting(beta=1.0))
    assert all(torch.equal(p.grad, pull) for p, pull in zip(toy.parameters(), pulls, strict=True))
    moved = [
        not torch.equal(p, old)
        for p, old in zip(objective.discriminator.parameters(), weights, strict=True)
    ]
    assert all(moved)


def test_that_its_step_is_the_formula_of_adam_on_the_cross_entropy() -> None:
    objective = _factor(2)
    z = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    names = dict(objective.discriminator.named_parameters())
    twin = factor_vae.discriminator(2, 64)
    twin.load_state_dict(objective.discriminator.state_dict())
    adam = torch.optim.Adam(twin.parameters(), lr=1e-4, betas=(0.5, 0.9))
    for step in range(3):
        objective.before_step()
        objective._codes += [z[:2], z[2:]]  # a batch in two parts
        objective.after_step(Setting(beta=1.0, step=step))
        real = twin(z[:3])
        shuffled = twin(factor_vae.shuffle_units(z[3:], objective._lots_of(step)))
        loss = -0.5 * (
            torch.sigmoid(real).log().mean() + (1 - torch.sigmoid(shuffled)).log().mean()
        )
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert objective._loss.item() == pytest.approx(loss.item(), rel=1e-5)
    for name, parameter in twin.named_parameters():
        assert torch.allclose(names[name], parameter, atol=1e-6), name


# -- ControlVAE -----------------------------------------------------------------------------------


def _controller(**options: object) -> control_vae.Objective:
    objective = toys.make_objective("control-vae", **options)
    objective.prepare(toys.make_toy(), seed=0)
    return objective


def _step(objective: control_vae.Objective, kl: float, step: int) -> float:
    objective.before_step()
    objective._seen.append((10, torch.tensor(kl)))
    objective.after_step(Setting(beta=1.0, step=step))
    return float(objective.beta)


def test_that_the_controller_brings_a_rate_to_its_target() -> None:
    """A model whose rate answers β at once, R = 20 / (1 + β): R = 5 at β = 3."""
    objective = _controller(target=5.0, ki=0.005)
    beta = 1.0
    for step in range(1500):
        beta = _step(objective, 20.0 / (1.0 + beta), step)
    assert beta == pytest.approx(3.0, abs=0.05)


def test_that_a_huge_error_overflows_nothing() -> None:
    objective = _controller(target=10.0, highest=50.0)
    assert _step(objective, 1e6, 0) == 50.0 or math.isfinite(float(objective.beta))
    objective = _controller(target=10_000.0)
    assert math.isfinite(_step(objective, 0.0, 0))


@pytest.mark.parametrize(("kl", "other"), [(0.0, 40.0), (100.0, 1.0)])
def test_that_it_does_not_wind_up_while_clipped(kl: float, other: float) -> None:
    objective = _controller(target=20.0, lowest=0.5, highest=2.0, ki=0.01)
    for step in range(500):
        edge = _step(objective, kl, step)
    assert edge == pytest.approx(0.5 if kl == 0.0 else 2.0, abs=1e-6)
    back = [_step(objective, other, 500 + step) for step in range(40)]
    assert abs(back[-1] - edge) > 0.5  # at once; wound up, it would take as long again


def test_that_parts_of_a_batch_count_by_their_pictures() -> None:
    objective = _controller(target=5.0)
    objective.before_step()
    objective._seen += [(30, torch.tensor(2.0)), (10, torch.tensor(6.0))]
    objective.after_step(Setting(beta=1.0, step=0))
    assert objective.state()["kl"].item() == pytest.approx(3.0)


def test_that_one_noisy_batch_hardly_moves_it() -> None:
    objective = _controller(target=5.0)
    for step in range(50):
        calm = _step(objective, 5.0, step)
    assert abs(_step(objective, 8.0, 50) - calm) < 0.005
    assert objective.state()["kl"].item() == pytest.approx(5.3)


@pytest.mark.parametrize("name", STATEFUL)
def test_that_a_step_begun_again_forgets_what_it_had_gathered(name: str) -> None:
    """Where memory runs out, the same step is done again in smaller parts."""
    toy, x = toys.make_toy(), torch.rand(8, *toys.SHAPE)
    states = []
    for failed_before in (False, True):
        objective = toys.make_objective(name, **STATEFUL[name])
        objective.prepare(toy, seed=0)
        if failed_before:
            objective.before_step()
            objective(toy, x[:3] * 0.1, Setting(beta=1.0), torch.Generator().manual_seed(9))
        objective.before_step()
        objective(toy, x, Setting(beta=1.0), torch.Generator().manual_seed(1))
        objective.after_step(Setting(beta=1.0))
        states.append({key: value.clone() for key, value in objective.state().items()})
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


# -- capacity -------------------------------------------------------------------------------------


def test_that_the_capacity_pulls_the_rate_from_both_sides() -> None:
    toy, x = toys.make_toy(), torch.rand(4, *toys.SHAPE)
    for capacity, sign in ((0.1, 1.0), (500.0, -1.0)):
        at = Setting(beta=1.0, capacity=capacity)
        objective = toys.make_objective("capacity", gamma=10.0)
        terms = objective(toy, x, at, torch.Generator())
        pull, plain = (
            torch.autograd.grad(value, toy.encoder[1].bias, retain_graph=True)[0]
            for value in (terms.loss - terms.distortion, terms.rate)
        )
        assert torch.allclose(pull, sign * 10.0 * plain, rtol=1e-4, atol=1e-5)


# -- BN-VAE ---------------------------------------------------------------------------------------


def test_that_normalised_means_have_the_spread_they_were_given() -> None:
    norm = bn_vae.MeanNorm(3, 0.6).train()
    x = torch.randn(5000, 3) * torch.tensor([0.01, 1.0, 50.0]) + 7.0
    out = norm(x)
    assert torch.allclose(out.mean(0), torch.zeros(3), atol=1e-3)
    assert torch.allclose(out.std(0, correction=0), torch.full((3,), 0.6), atol=1e-3)
    norm.eval()
    assert torch.allclose(norm(x), out, atol=1e-3)  # the first batch decides the statistics
    assert torch.allclose(norm(x[:1]), out[:1], atol=1e-3)


def test_that_a_unit_cannot_fall_silent_and_still_cannot_once_the_model_is_opened(
    small_config, tmp_path
) -> None:
    """At β = 30 the code of a β-VAE collapses; the guard keeps units · g²/2 = 4 · 0.32 nats."""
    changes = {"objective.beta": 30.0, "train.epochs": 2, "train.batch_size": 200}
    rates = {}
    for name in ("beta-vae", "bn-vae"):
        options = {"objective.options.gain": 0.8} if name == "bn-vae" else {}
        config = small_config({"objective.objective": name, **changes, **options})
        trainer = session.start_session(config, out=tmp_path / name)
        last = [event for event in trainer.run() if event is not None][-1]
        assert isinstance(last, RunFinished)
        rates[name] = last.summary["test"]["rate"]
    assert rates["beta-vae"] < 0.3
    assert rates["bn-vae"] > 4 * 0.32 * 0.95
    model = session.open_model(tmp_path / "bn-vae")
    means = model.probe.encode(trainer.splits.test.images_NCHW).mean_ND
    assert (means.var(0) / 2 > 0.32 * 0.9).all()
    bare = build.build_vae(model.config.model, (1, 28, 28), seed=0)  # without its objective
    with pytest.raises(StudioError, match="does not fit"):
        unpack_model(bare, arrays_of(trainer))
