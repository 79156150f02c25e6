"""A normalising flow: codes are bent, step by step and invertibly, into N(0, I).

Shapes: B or N codes, D units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Generator, Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.prior import DrawCodes

CARD = Card(
    name="realnvp",
    label="Flow (RealNVP)",
    help="An invertible net between the codes and N(0, I). The tightest prior here: on MNIST it "
    "takes two nats or more off the loss, for a tenth of the training time.",
    source="Dinh et al. 2017 (1605.08803); as a prior: Xu et al. 2019 (1905.13452)",
    order=30,
    knobs=(
        Knob(
            path="couplings", label="Couplings", kind="int", default=10, low=1, high=64,
            help="Steps of the flow. Each moves half of the units as the other half says.",
        ),
        Knob(
            path="width", label="Width", kind="int", default=64, low=8, high=2048,
            stepping="doubling", unit="features",
            help="Features of the two hidden layers inside each coupling.",
        ),
    ),
)  # fmt: skip

LARGEST_LOG_SCALE = 2.0  # of one coupling: a unit is stretched at most e² ≈ 7-fold
FIT_STEPS = 1500
FIT_BATCH = 512
FIT_LEARNING_RATE = 5e-3
FIT_WARMUP = 50  # steps
LOG_2PI = math.log(2 * math.pi)


class Coupling(nn.Module):
    """u = z ⊙ exp(s) + t on the units that move; s and t depend on those that stay, alone.

    The last layer is zero at first, so a new coupling is the identity.
    """

    stays_D: Tensor

    def __init__(self, stays_D: Tensor, width: int) -> None:
        super().__init__()
        units = len(stays_D)
        self.register_buffer("stays_D", stays_D)
        self.net = nn.Sequential(
            nn.Linear(units, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, 2 * units),
        )  # fmt: skip
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, z_BD: Tensor) -> tuple[Tensor, Tensor]:
        """u (B, D) and ln |det du/dz| (B,)."""
        log_scale_BD, shift_BD = self._given(z_BD)
        return z_BD * log_scale_BD.exp() + shift_BD, log_scale_BD.sum(1)

    def inverse(self, u_BD: Tensor) -> Tensor:
        """z of a u: what stayed is known, so s and t are the same."""
        log_scale_BD, shift_BD = self._given(u_BD)
        return (u_BD - shift_BD) * (-log_scale_BD).exp()

    def _given(self, z_BD: Tensor) -> tuple[Tensor, Tensor]:
        raw_BD, shift_BD = self.net(z_BD * self.stays_D).chunk(2, dim=1)
        log_scale_BD = LARGEST_LOG_SCALE * torch.tanh(raw_BD / LARGEST_LOG_SCALE)
        moves_D = 1 - self.stays_D
        return log_scale_BD * moves_D, shift_BD * moves_D


class Prior(nn.Module):
    """log p(z) = log N(f(z)) + ln |det df/dz| with f = couplings after a scale and shift per unit.

    Untrained it equals N(0, I).
    """

    name = "realnvp"
    is_standard = False

    def __init__(self, units: int, options: Mapping[str, object]) -> None:
        super().__init__()
        width = int(str(options["width"]))
        self.log_scale_D = nn.Parameter(torch.zeros(units))
        self.shift_D = nn.Parameter(torch.zeros(units))
        halves = _halves(units, int(str(options["couplings"])))
        self.couplings = nn.ModuleList(Coupling(stays_D, width) for stays_D in halves)

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log p(z) per code (B,), in nats."""
        u_BD, log_volume_B = self.to_noise(z_BD)
        return log_volume_B - 0.5 * (u_BD.square() + LOG_2PI).sum(1)

    def to_noise(self, z_BD: Tensor) -> tuple[Tensor, Tensor]:
        """f(z) (B, D), which is N(0, I) where the flow fits, and ln |det df/dz| (B,)."""
        u_BD = z_BD * self.log_scale_D.exp() + self.shift_D
        log_volume_B = self.log_scale_D.sum().expand(len(z_BD))
        for coupling in self.couplings:
            u_BD, more_B = coupling(u_BD)
            log_volume_B = log_volume_B + more_B
        return u_BD, log_volume_B

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """f⁻¹(temperature · ε)."""
        u_BD = noise_BD * temperature
        for coupling in reversed(self.couplings):
            u_BD = coupling.inverse(u_BD)
        return (u_BD - self.shift_D) * (-self.log_scale_D).exp()

    def fit(self, draw_codes: DrawCodes, generator: Generator) -> Iterator[float]:
        """Maximum likelihood by Adam with a warm-up and a cosine, on fresh draws every pass."""
        self._standardise(draw_codes())
        optimizer = FusedAdam(self.parameters())
        batches = _endless_batches(draw_codes, generator)
        for step in range(FIT_STEPS):
            with torch.enable_grad():
                loss = -self.log_prob(next(batches)).mean()
                loss.backward()
            optimizer.step(_fit_rate(step))
            optimizer.zero_grad()
            yield (step + 1) / FIT_STEPS

    @torch.no_grad()
    def _standardise(self, z_ND: Tensor) -> None:
        scale_D = z_ND.std(0, correction=0).clamp_min(1e-3)
        self.log_scale_D.copy_(-scale_D.log())
        self.shift_D.copy_(-z_ND.mean(0) / scale_D)


def _halves(units: int, count: int) -> list[Tensor]:
    """Which units stay (1) in each coupling: random halves, each followed by its complement."""
    masks: list[Tensor] = []
    for pair in range((count + 1) // 2):
        order = torch.randperm(units, generator=torch.Generator().manual_seed(pair))
        stays_D = torch.zeros(units)
        stays_D[order[: units // 2]] = 1.0
        masks += [stays_D, 1 - stays_D]
    return masks[:count]


def _endless_batches(draw_codes: DrawCodes, generator: Generator) -> Iterator[Tensor]:
    while True:
        z_ND = draw_codes()
        yield from z_ND[torch.randperm(len(z_ND), generator=generator)].split(FIT_BATCH)


def _fit_rate(step: int) -> float:
    warm = min(1.0, (step + 1) / FIT_WARMUP)
    return FIT_LEARNING_RATE * warm * 0.5 * (1 + math.cos(math.pi * step / FIT_STEPS))
