"""FactorVAE: a discriminator learns to tell codes from codes whose units were shuffled."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.objectives._once import once
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE

CARD = Card(
    name="factor-vae",
    label="FactorVAE",
    help="A second net estimates the dependence between units (total correlation), and the model "
    "pays γ for it. About twice the cost of a β-VAE on small nets; its TC is only a rough reading.",
    source="Kim & Mnih 2018 (1802.05983), algorithm 2 and appendix A",
    order=60,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="gamma", label="γ", kind="float", default=10.0, low=0.0, high=1e4, step=1.0,
            help="Price of a nat of total correlation; the paper uses 6.4 to 40.",
        ),
        Knob(
            path="width", label="Discriminator", kind="int", default=1000, low=8, high=8192,
            unit="features", advanced=True,
            help="Features in each of the six layers of the second net.",
        ),
    ),
)  # fmt: skip

HIDDEN_LAYERS = 6
SLOPE = 0.2
LEARNING_RATE = 1e-4
BETAS = (0.5, 0.9)


class Objective(BaseObjective):
    """β is the price of the KL, as in the β-VAE; the discriminator answers the log-odds that a
    code is not shuffled (one number, where the paper has the difference of two).

    The model learns from the whole batch. Then the discriminator learns, too, from the same codes:
    those of the first half as they are, those of the other half with each unit shuffled.
    """

    def prepare(self, vae: VAE, *, seed: int) -> None:
        """The discriminator and its own Adam, on the model's device."""
        device = next(vae.parameters()).device
        self._seed = seed
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed_for(seed, "discriminator"))
            self.discriminator = discriminator(vae.units, int(self.number("width"))).to(device)
        self.discriminator.requires_grad_(False)
        self.optimizer = FusedAdam(self.discriminator.parameters(), betas=BETAS)
        self._generator = torch.Generator(device)
        self._codes: list[Tensor] = []
        self._loss = torch.zeros((), device=device)

    def before_step(self) -> None:
        """No codes of this step yet."""
        self._codes = []

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """loss = E_batch[−log p(x|z)] + β · E_batch[KL] + γ · E_batch[log d(z)/(1 − d(z))].

        The extra "discriminator" is its cross-entropy at the step before; ln 2 = 0.69 is guessing.
        """
        trip = once(model, x_BCHW, at, generator)
        tc = self.discriminator(trip.z_BD).to(trip.z_BD.dtype).mean()
        self._codes.append(trip.z_BD.detach())
        loss = trip.distortion + at.beta * trip.rate + self.number("gamma") * tc
        extra = {"TC": tc, "discriminator": self._loss.clone()}
        return Terms(loss, trip.distortion, trip.rate, extra)

    def after_step(self, at: Setting) -> None:
        """The discriminator's own step, on the codes the model has just been trained with."""
        z_BD = torch.cat(self._codes)
        half = len(z_BD) // 2
        if not half:
            return
        shuffled = shuffle_units(z_BD[half : 2 * half], self._lots_of(at.step))
        self.discriminator.requires_grad_(True)
        self.optimizer.zero_grad()
        with torch.enable_grad():
            loss = cross_entropy(self.discriminator(z_BD[:half]), self.discriminator(shuffled))
            loss.backward()
        self.optimizer.step(LEARNING_RATE)
        self.discriminator.requires_grad_(False)
        self._loss.copy_(loss.detach())

    def _lots_of(self, step: int) -> Generator:
        return self._generator.manual_seed(seed_for(self._seed, "shuffle", step))

    def state(self) -> dict[str, Tensor]:
        """The discriminator's weights, the moments of its Adam, and its last loss."""
        names = [name for name, _ in self.discriminator.named_parameters()]
        moments = self.optimizer.state(names)
        return {
            **{f"discriminator.{n}": v for n, v in self.discriminator.state_dict().items()},
            **{f"adam.{name}": value for name, value in moments.items()},
            "loss": self._loss,
        }


def discriminator(units: int, width: int) -> nn.Sequential:
    """z_BD → log-odds (B, 1) that the units of a code belong together."""
    sizes = [units, *[width] * HIDDEN_LAYERS]
    layers = [part for i, o in pairwise(sizes) for part in (nn.Linear(i, o), nn.LeakyReLU(SLOPE))]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def shuffle_units(z_BD: Tensor, generator: Generator) -> Tensor:
    """Every unit of the codes in an order of its own: a draw from Π q(z_d)."""
    lots = torch.rand(z_BD.shape, generator=generator, device=z_BD.device)
    return z_BD.gather(0, lots.argsort(0))


def cross_entropy(real_B1: Tensor, shuffled_B1: Tensor) -> Tensor:
    """½ (E[−log d(z)] + E[−log(1 − d(shuffled))]) of log-odds, 0-d, in nats."""
    return 0.5 * (F.softplus(-real_B1).mean() + F.softplus(shuffled_B1).mean())
