"""BN-VAE: the means of every unit are normalised, so that no unit can fall silent."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob
from vae_studio.engine.objectives import beta_vae
from vae_studio.engine.vae import VAE

CARD = Card(
    name="bn-vae",
    label="BN-VAE",
    help="A guard against collapse: the means of every unit keep a fixed spread g over the "
    "pictures, so the KL cannot fall below units · g²/2. Otherwise the loss of the β-VAE.",
    source="Zhu 2020 (2004.12585)",
    order=130,
    uses=("beta", "temperature"),
    knobs=(
        Knob(
            path="gain", label="Gain g", kind="float", default=0.5, low=0.01, high=10.0, step=0.1,
            help="Standard deviation of each unit's mean over the pictures. Each unit then tells "
            "at least g²/2 nats: 0.125 at 0.5.",
        ),
    ),
)  # fmt: skip

EPSILON = 1e-8  # as a variance: far below any spread that means something
SLOWEST = 0.02  # share of the newest batch in the running statistics: about the last fifty count


class Objective(beta_vae.Objective):
    """loss = E_batch[−log p(x|z)] + β · E_batch[KL], of a model whose means are normalised."""

    needs_standard_prior = True
    needs_sampled_codes = True

    def adapt(self, vae: VAE) -> None:
        """Put the normalisation between the encoder and the posterior; it stays in the model."""
        vae.mean_norm = MeanNorm(vae.units, self.number("gain"))


class MeanNorm(nn.Module):
    """(B, D) → g · (μ − E[μ]) / sd[μ]: statistics of the batch in training (of each part, where a
    batch is trained in parts), running ones in evaluation.

    The paper's learnt shift is left out: the KL is lowest without, and the decoder has its own.
    """

    def __init__(self, units: int, gain: float) -> None:
        super().__init__()
        self.gain = gain
        self.register_buffer("mean_D", torch.zeros(units))
        self.register_buffer("variance_D", torch.ones(units))
        self.register_buffer("batches", torch.zeros(()))

    def forward(self, mean_BD: Tensor) -> Tensor:
        """As the class says; a single picture has no spread and takes the running statistics."""
        mean_D, variance_D = self.mean_D, self.variance_D
        if self.training and len(mean_BD) > 1:
            mean_D, variance_D = mean_BD.mean(0), mean_BD.var(0, correction=0)
            self._remember(mean_D.detach(), variance_D.detach())
        return self.gain * (mean_BD - mean_D) * (variance_D + EPSILON).rsqrt()

    @torch.no_grad()
    def _remember(self, mean_D: Tensor, variance_D: Tensor) -> None:
        self.batches += 1
        share = torch.clamp(1.0 / self.batches, min=SLOWEST)
        self.mean_D.lerp_(mean_D, share)
        self.variance_D.lerp_(variance_D, share)
