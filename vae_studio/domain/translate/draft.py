"""A RunConfig in the making, with what has to be said about it."""

from __future__ import annotations

import math

from vae_studio.domain import polyline
from vae_studio.domain.config import OPTION_FIELDS, RunConfig, with_value, without_options
from vae_studio.domain.effective_beta import spelled
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Value
from vae_studio.domain.translate.fields import Fields
from vae_studio.domain.translate.weighing import WrittenLoss, weigh

DECAY_POINTS = 9

TCVAE_SLIP = (
    "Their stratified weights miss the diagonal (a slip copied from code to code); here they are "
    "those of the paper, so the total correlation is another number."
)
IWAE_SLIP = (
    "Their IWAE takes an analytic KL that is the same for all samples, and weighs the worst sample "
    "most; here it is the bound of the paper."
)

#: Their names of sets we have.
_SETS = {"mnist": "mnist", "fashion": "fashion-mnist", "celeba": "celeba"}


class Draft:
    """``config`` grows from ``base``; ``shape`` (C, H, W) is that of their pictures; ``notes`` are
    sentences about what changed its meaning, ``unknown`` the names of fields left behind."""

    def __init__(self, base: RunConfig, fields: Fields) -> None:
        self.config = with_value(base, "model.codes", "sampled")
        self.choose("model.prior", "normal")
        self.choose("objective.auxiliary", "none")
        self.put("model.conditional", False)
        self.fields = fields
        self.notes: list[str] = []
        self.shape = (1, 28, 28)
        self.unknown: list[str] = []

    @property
    def values(self) -> int:
        """Values of one picture."""
        return math.prod(self.shape)

    def put(self, path: str, value: Value) -> None:
        """Set one field."""
        self.config = with_value(self.config, path, value)

    def choose(self, path: str, name: str, **options: Value) -> None:
        """Set a network, likelihood or objective; options not given have their defaults."""
        self.put(path, name)
        self.config = without_options(self.config, OPTION_FIELDS[path])
        for option, value in options.items():
            self.put(f"{OPTION_FIELDS[path]}.{option}", value)

    def objective(self, name: str, beta: float = 1.0, **options: float) -> None:
        """Set the objective and its β; nothing is annealed, until ``climb`` says so."""
        self.choose("objective.objective", name, **options)
        self.put("objective.beta", round(beta, 9))
        self.put("objective.schedule", "constant")
        self.put("objective.temperature", 1.0)
        self.put("objective.temperature_schedule", "constant")

    def capacity(self, gamma: float, nats: float) -> None:
        """Set γ·|R − C| with C = ``nats``."""
        self.objective("capacity", gamma=gamma)
        self.put("objective.capacity", nats)
        self.put("objective.capacity_schedule", "constant")

    def decay(self, per_epoch: float) -> None:
        """Let the learning rate be multiplied by this much in every epoch (1: hold it)."""
        if per_epoch == 1.0:
            self.put("train.lr_schedule", "constant")
            return
        if not 0.0 < per_epoch < 1.0:
            raise StudioError(f"A learning rate multiplied by {per_epoch:g} an epoch cannot run.")
        epochs = self.config.train.epochs
        shares = [step / (DECAY_POINTS - 1) for step in range(DECAY_POINTS)]
        line = tuple((round(s, 6), round(per_epoch ** (epochs * s), 6)) for s in shares)
        self.put("train.lr_schedule", "polyline")
        self.put("train.lr_points", polyline.spelled(line))
        self.notes.append(
            f"Their learning rate is multiplied by {per_epoch:g} after every epoch; here it falls "
            f"along a drawn line through {DECAY_POINTS} points of that curve."
        )

    def take(self, path: str, *names: str, whole: bool = True) -> None:
        """Take a number over as it is from the first of ``names`` that is there."""
        for name in names:
            if self.fields.has(name):
                get = self.fields.whole if whole else self.fields.number
                self.put(path, get(name))
                return

    def pictures(self, channels: int, side: int) -> None:
        """Square pictures, resized to ``side`` px."""
        self.shape = (channels, side, side)
        self.put("data.size", side)

    def units(self, default: int) -> None:
        """The width of the code."""
        self.put("model.latent_dim", self.fields.whole("latent_dim", default))

    def dataset(self, name: str) -> None:
        """Their set where we have it too."""
        if name.lower() in _SETS:
            self.put("data.dataset", _SETS[name.lower()])
        else:
            self.unknown.append(f"dataset {name}")

    def written(self, loss: WrittenLoss, how: str) -> None:
        """Set the likelihood that ``loss`` amounts to; ``how`` begins the sentence about it."""
        train, units = self.config.train, self.config.model.latent_dim
        found = weigh(loss, values=self.values, units=units, batch=train.batch_size)
        if loss.error == "bce":
            self.choose("model.likelihood", "bernoulli-grey")
            self.notes.append(f"{how}: that is a Bernoulli on grey values.")
            return
        scale = float(f"{found.scale:.6g}")
        if loss.error == "l1":
            self.choose("model.likelihood", "laplace", scale=scale)
            self.notes.append(f"{how}: that is a Laplace density with b = {spelled(scale)}.")
        else:
            self.choose("model.likelihood", "gaussian", sigma=scale)
            self.notes.append(f"{how}: that is a Gaussian with σ = {spelled(scale)}.")

    def climb(self, what: str, steps: float, pictures: int | None) -> None:
        """Let "β" or the "capacity" climb over the first ``steps`` steps, as a share of the run on
        ``pictures`` training pictures (None: nobody knows how many)."""
        train = self.config.train
        if steps <= 0:
            return
        if pictures is None:
            self.unknown.append(f"climb of the {what} over {steps:,.0f} steps")
            return
        total = train.epochs * math.ceil(pictures / train.batch_size)
        self.climb_for(what, min(1.0, steps / total))
        self.notes.append(
            f"Their {what} climbs for {steps:,.0f} steps; of the {total:,} steps that this run has "
            f"on {pictures:,} pictures, that is a share of {spelled(min(1.0, steps / total))}."
        )

    def climb_for(self, what: str, share: float) -> None:
        """Let "β" or the "capacity" climb in a line over the first ``share`` of the run."""
        place = "objective." if what == "β" else f"objective.{what}_"
        self.put(f"{place}schedule", "linear")
        self.put(f"{place}warmup", float(f"{share:.4g}"))
