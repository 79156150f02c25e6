"""ControlVAE: a controller moves β until the rate is the one that was asked for."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE

CARD = Card(
    name="control-vae",
    label="ControlVAE",
    help="Ask for a rate in nats; β moves by itself until the KL is there. The β knob and its "
    "annealing do not apply.",
    source="Shao 2020 (2004.05988), the PI controller",
    order=120,
    uses=("temperature",),
    knobs=(
        Knob(
            path="target", label="Target rate", kind="float", default=10.0, low=0.0, high=10_000.0,
            step=1.0, decimals=2, unit="nats", help="The KL to hold. MNIST with 20 units takes "
            "about 24 nats at β = 1; less blurs, more copies better and samples worse.",
        ),
        Knob(
            path="kp", label="Kp", kind="float", default=0.01, low=0.0, high=10.0, decimals=5,
            stepping="decades", advanced=True,
            help="How much β jumps when the rate is too high; small, so that it does not swing.",
        ),
        Knob(
            path="ki", label="Ki", kind="float", default=0.003, low=0.0, high=1.0, decimals=6,
            stepping="decades", advanced=True,
            help="How fast β follows: so much per step and nat of error. Ten times as "
            "much, and it swings.",
        ),
        Knob(
            path="lowest", label="Lowest β", kind="float", default=0.0, low=0.0, high=1000.0,
            step=0.1, advanced=True, help="β never falls below this.",
        ),
        Knob(
            path="highest", label="Highest β", kind="float", default=100.0, low=0.0, high=1e6,
            stepping="decades", advanced=True, help="β never rises above this.",
        ),
    ),
)  # fmt: skip

START = 1.0  # the integral at the first step: training begins with the ELBO
SMOOTHING = 0.1  # share of the newest batch in the averaged rate; one batch alone is too noisy


class Objective(BaseObjective):
    """β = clip(Kp / (1 + e^error) + I), error = target − averaged KL, I ← I − Ki · error.

    The KL is averaged over about the last ten batches. I stops where β reaches its limits, so that
    β comes back at once when the error turns (the integral does not wind up).
    """

    needs_sampled_codes = True

    def prepare(self, vae: VAE, *, seed: int) -> None:
        """The controller at rest: the rate as it was asked for, β about 1."""
        device = next(vae.parameters()).device
        self._kl = torch.full((), self.number("target"), device=device)
        self._integral = torch.full((), START, device=device)
        self._seen: list[tuple[int, Tensor]] = []

    @property
    def beta(self) -> Tensor:
        """The β in force, 0-d."""
        wanted = self._jump() + self._integral
        return wanted.clamp(self.number("lowest"), self.number("highest"))

    def before_step(self) -> None:
        """No rates of this step yet."""
        self._seen = []

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β_controlled · E_batch[KL]; ``at.beta`` is ignored."""
        trip = once(model, x_BCHW, at, generator)
        self._seen.append((len(x_BCHW), trip.rate.detach()))
        beta = self.beta
        loss = trip.distortion + beta * trip.rate
        return Terms(loss, trip.distortion, trip.rate, {"controlled β": beta})

    def after_step(self, at: Setting) -> None:
        """Average the batch's KL in, then integrate the error."""
        images = sum(count for count, _ in self._seen)
        kl = torch.stack([rate * (count / images) for count, rate in self._seen]).sum()
        self._kl.lerp_(kl, max(SMOOTHING, 1.0 / (at.step + 1)))
        jump = self._jump()
        moved = self._integral - self.number("ki") * self._error()
        self._integral.copy_(
            moved.clamp(self.number("lowest") - jump, self.number("highest") - jump)
        )

    def state(self) -> dict[str, Tensor]:
        """The averaged KL and the integral; β follows from them."""
        return {"kl": self._kl, "integral": self._integral}

    def _error(self) -> Tensor:
        return self.number("target") - self._kl

    def _jump(self) -> Tensor:
        return self.number("kp") * torch.sigmoid(-self._error())  # exp(error) may overflow
