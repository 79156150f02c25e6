"""Ten kinds of run, stopped at many steps and resumed: weights and metrics are equal to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from support.trained import arrays_of, bits_of, numbers

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import BatchesTrained, Event
from vae_studio.engine import session
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import Checkpoint, RunFolder

pytestmark = pytest.mark.usefixtures("quick_syncs")

PICTURES, BATCH = 44, 10  # five steps an epoch, the last one of four pictures
BASE = {
    "model.latent_dim": 3, "train.batch_size": BATCH, "train.precision": "fp32",
    "train.device": "cpu", "train.epochs": 3, "train.seed": 5,
}  # fmt: skip
MLP = {"model.net": "mlp", "model.options.width": 12}
RESIDUAL = {"model.net": "residual-mlp", "model.options.width": 12}
SMALL = {"model.options.channels": 8, "model.options.features": 16}
CONV = {"model.net": "conv", **SMALL}
RESIDUAL_CONV = {"model.net": "residual-conv", **SMALL}
LINE = "0:0, 0.3:1, 1:0.2"


@dataclass(frozen=True)
class Kind:
    """Settings by path, the knobs a person turns by step, and the parts a batch is cut into."""

    settings: dict[str, Any]
    turned: dict[int, tuple[str, Any]] | None = None
    parts: int = 1
    halvings: tuple[int, ...] = ()


KINDS = {
    "plain": Kind({**MLP, "objective.schedule": "linear", "objective.warmup": 0.4}),
    "drawn": Kind({**RESIDUAL, "model.likelihood": "bernoulli-dynamic", "model.options.norm":
                   "layer", "objective.schedule": "polyline", "objective.schedule_points": LINE}),
    "batch norm": Kind({**CONV, "model.likelihood": "sigma-vae", "model.options.norm": "batch",
                        "objective.schedule": "cyclical"}),
    "turned": Kind({**RESIDUAL_CONV, "model.likelihood": "gaussian", "model.options.norm":
                    "group"}, {3: ("objective.beta", 3.0), 7: ("train.learning_rate", 5e-4)}),
    "critic": Kind({**MLP, "objective.objective": "factor-vae", "objective.options.width": 16}),
    "controller": Kind({**MLP, "objective.objective": "control-vae"}, parts=3),
    "labels": Kind({**MLP, "model.conditional": True, "objective.objective": "beta-tcvae"}),
    "flow": Kind({**MLP, "model.prior": "realnvp", "model.likelihood": "discretised-logistic"}),
    "capacity": Kind({**RESIDUAL, "objective.objective": "capacity", "model.likelihood": "laplace",
                      "objective.capacity_schedule": "sigmoid"}, halvings=(6,)),
    "weighted": Kind({**MLP, "objective.objective": "iwae", "model.likelihood":
                      "continuous-bernoulli"}, {5: ("train.lr_schedule", "sigmoid")}, parts=2),
}  # fmt: skip


@pytest.fixture(scope="module")
def pictures() -> DataSplits:
    whole = load_splits("fashion-mini", size=16)

    def first(images: ImageSet, count: int) -> ImageSet:
        assert images.labels_N is not None
        return ImageSet(images.images_NCHW[:count].copy(), images.labels_N[:count])

    parts = {"train": PICTURES, "validation": 16, "test": 16}
    return replace(whole, **{name: first(getattr(whole, name), n) for name, n in parts.items()})


def config_of(kind: Kind, **others: Any) -> RunConfig:
    config = RunConfig()
    for path, value in {**BASE, **kind.settings, **others}.items():
        config = with_value(config, path, value)
    return config


@pytest.fixture
def start(pictures) -> Callable[..., Trainer]:
    """Starts a run of a kind."""

    def begin(kind: Kind, path: Path, **others: Any) -> Trainer:
        run = session.start_run(config_of(kind, **others), pictures, out=path)
        cut(run, kind)
        run.recorder.note_resolved(run.resolved)
        return run

    return begin


def cut(run: Trainer, kind: Kind) -> Trainer:
    """Let the run train in the parts of its kind."""
    changes = {"micro_batches": kind.parts, "halvings": kind.halvings}
    run.resolved = structs.replace(run.resolved, **changes)
    return run


def drive(run: Trainer, kind: Kind, stop: int | None = None) -> Trainer:
    """Train on, turning the knobs that this kind turns, to the end or to ``stop``."""
    for _ in events_of(run, kind, stop):
        pass
    return run


def events_of(run: Trainer, kind: Kind, stop: int | None = None) -> Iterator[Event]:
    """As ``drive``, with what is told."""
    for event in run.run():
        edit = (kind.turned or {}).get(run.step)
        if edit and edit[0] not in {old.path for old in run.live.turned}:
            run.turn_knob(*edit)
        if run.step == stop:
            run.request_stop()
        if event is not None:
            yield event


def outcome(run: Trainer, path: Path) -> tuple[bytes, list[tuple], Any]:
    summary = RunFolder.open(path).read_summary()
    assert summary is not None
    return bits_of(run), numbers(path), (summary["test"], summary["train"])


def unlike(name: str, stops: range | tuple[int, ...], start, pictures, root: Path, **others) -> set:
    """The stops after which a resumed run does not end as the whole one."""
    kind = KINDS[name]
    whole = drive(start(kind, root / "whole", **others), kind)
    wanted, different = outcome(whole, root / "whole"), set()
    for stop in stops:
        path = root / str(stop)
        drive(start(kind, path, **others), kind, stop)
        assert RunFolder.open(path).manifest.state == "stopped"
        again = session.resume_run(path, lambda config: pictures)
        assert again.step == stop
        if outcome(drive(again, kind), path) != wanted:
            different.add(stop)
    return different


@pytest.mark.parametrize("name", KINDS)
def test_that_a_run_stopped_anywhere_goes_on_to_the_same_bits(
    name: str, start, pictures, tmp_path: Path
) -> None:
    """First, last and every step around the edge of an epoch, and of what happens within one."""
    assert unlike(name, (1, 4, 5, 6, 10, 14), start, pictures, tmp_path) == set()


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", KINDS)
def test_that_a_run_stopped_at_any_of_79_steps_goes_on_to_the_same_bits(
    name: str, start, pictures, tmp_path: Path
) -> None:
    longer = {"train.epochs": 16}
    assert unlike(name, range(1, 80), start, pictures, tmp_path, **longer) == set()


# -- the negative control: every saved item matters ------------------------------------------------

AT = 8


def item_of(name: str) -> str:
    """Which saved item an array belongs to."""
    kind, *_, last = name.split(".")
    if kind == "adam":
        return f"adam {last}"
    if kind == "objective":
        return f"objective {last}"
    return f"model {last if last not in ('weight', 'bias') else 'weights'}"


def stopped(kind: Kind, config: RunConfig, pictures: DataSplits) -> tuple[Trainer, Checkpoint]:
    """A run held in memory at step AT, and what would have been saved."""
    run = cut(Trainer(config, pictures), kind)
    events = run.run()
    while run.step < AT:
        next(events)
        edit = (kind.turned or {}).get(run.step)
        if edit and edit[0] not in {old.path for old in run.live.turned}:
            run.turn_knob(*edit)
    return run, Checkpoint("", AT, arrays_of(run), {"seconds": 0.0})


@pytest.mark.parametrize("name", KINDS)
def test_that_forgetting_any_saved_item_would_be_noticed(name: str, pictures) -> None:
    kind = KINDS[name]
    config = config_of(kind)
    before, saved = stopped(kind, config, pictures)
    fresh = arrays_of(Trainer(config, pictures))

    def end(checkpoint: Checkpoint, **others: Any) -> tuple[bytes, list]:
        usual = {"resolved": before.resolved, "turned": tuple(before.live.turned)}
        run = Trainer(config, pictures, resume=checkpoint, **(usual | others))
        return curve_and_bits(run, Kind({}))

    earlier = Kind({}, {step: e for step, e in (kind.turned or {}).items() if step < AT})
    wanted = curve_and_bits(cut(Trainer(config, pictures), kind), earlier)
    assert end(saved) == wanted
    items = {item_of(n) for n, value in saved.tensors.items() if not same(value, fresh[n])}
    assert {"adam exp_avg", "adam exp_avg_sq", "adam step", "model weights"} <= items
    for item in items:
        chosen = {n: fresh[n] for n in saved.tensors if item_of(n) == item}
        assert end(replace(saved, tensors=saved.tensors | chosen)) != wanted, item
        missing = {n: v for n, v in saved.tensors.items() if n not in chosen}
        with pytest.raises(StudioError):  # and never without a word
            end(replace(saved, tensors=missing))
    assert end(replace(saved, step=AT - 1)) != wanted
    if kind.turned:
        assert end(saved, turned=()) != wanted
    if kind.parts > 1 or kind.halvings:
        plain = structs.replace(before.resolved, micro_batches=1, halvings=())
        assert end(saved, resolved=plain) != wanted


def curve_and_bits(run: Trainer, kind: Kind) -> tuple[bytes, list]:
    """Everything told of the batches from step AT on, and the bits at the end."""
    told = [e for e in events_of(run, kind) if isinstance(e, BatchesTrained)]
    rows = [
        (e.first_step + i, e.loss[i], *(column[i] for _, column in sorted(e.extra.items())))
        for e in told
        for i in range(len(e.loss))
    ]
    return bits_of(run), [row for row in rows if row[0] >= AT]


def same(left: np.ndarray, right: np.ndarray) -> bool:
    return left.tobytes() == right.tobytes()
