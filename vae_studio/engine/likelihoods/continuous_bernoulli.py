"""The cross-entropy on grey values made a density, by the constant that it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from vae_studio.domain.cards import Card

CARD = Card(
    name="continuous-bernoulli",
    label="Continuous Bernoulli",
    help="Cross-entropy on grey values with its missing constant: a true density on 0 to 1. The "
    "NELBO may be negative; pictures are crisper where most pixels are black or white.",
    source="Loaiza-Ganem & Cunningham 2019 (1907.06845), equations 5 and 8",
    order=28,
)

EPSILON = 0.01  # mean of the darkest pixel at the start; its logit, −100, must stay within reach
NEAR = 0.5  # below, the mean is taken from its series: 1/c − 1/u would lose every digit


def _mean_of(logits: Tensor, magnitude: Tensor, spread: Tensor) -> Tensor:
    # E[x] = 1/(1 − e^−l) − 1/l, odd around ½ in the logit l; spread is 1 − e^−|l|
    far = torch.copysign(spread.reciprocal() - magnitude.reciprocal() - 0.5, logits)
    square = logits.square()
    near = logits * (1 / 12 - square * (1 / 720 - square / 30240))
    return torch.where(magnitude < NEAR, near, far) + 0.5


def _parts(logits: Tensor) -> tuple[Tensor, Tensor]:
    """|l|, kept off zero, and 1 − e^−|l|."""
    magnitude = logits.abs().clamp_min(1e-6)
    return magnitude, torch.expm1(-magnitude).neg()


class _ContinuousBernoulliNLL(torch.autograd.Function):
    # In the logit l the density is exp(x·l − A(l)) with A(l) = ln((e^l − 1) / l): no λ near ½ to
    # lose digits at, no λ near 0 or 1 to overflow. A′ is the mean, so the gradient is mean − x.

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor) -> Tensor:
        magnitude, spread = _parts(logits)
        ctx.save_for_backward(_mean_of(logits, magnitude, spread), target)
        losses = spread.div_(magnitude).log_().add_(torch.relu(logits))
        return losses.addcmul_(target, logits, value=-1.0).flatten(1).sum(1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        mean, target = ctx.saved_tensors
        return (mean - target).mul_(grad_outputs[0].view(-1, *[1] * (mean.dim() - 1))), None


class Likelihood:
    """p(x|z) = Π C(λ) λ^x (1 − λ)^(1−x) on [0, 1] with λ = sigmoid(logit)."""

    parameters_per_value = 1
    short = "continuous Bernoulli"
    discrete = False

    def __init__(self, options: Mapping[str, object]) -> None:
        del options  # it has none

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The grey values in [0, 1] themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log p(x|z) per image (B,), nats; negative where the density exceeds 1."""
        return _ContinuousBernoulliNLL.apply(output, target)  # type: ignore[no-any-return]

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z] = λ/(2λ − 1) + 1/(2 atanh(1 − 2λ)), not λ: (B, C, H, W) in (0, 1)."""
        return _mean_of(output, *_parts(output))

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The logit whose mean is ``mean_CHW``, by bisection: it has no closed form."""
        wanted = mean_CHW.double().clamp(EPSILON, 1.0 - EPSILON)
        low = torch.full_like(wanted, -1.0 / EPSILON)
        high = -low
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = self.mean_picture(middle) < wanted
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return low.to(mean_CHW.dtype)
