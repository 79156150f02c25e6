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
NEAR = 0.25  # |l| below which the series take over: 1/c − 1/u would lose every digit


def _slope(magnitude: Tensor) -> Tensor:
    """r(|l|) with E[x] = ½ + l·r, that is (1/c − ½ − 1/|l|) / |l| with c = 1 − e^−|l|."""
    near, far = magnitude.clamp(max=NEAR).square(), magnitude.clamp(min=NEAR)
    inverse = far.reciprocal()
    slope = ((1.0 - (-far).exp()).reciprocal() - 0.5 - inverse) * inverse
    # both are continuous and constant where the other holds: choosing by a mask costs ten passes
    return slope - near / 720 + NEAR**2 / 720


def _log_constant(magnitude: Tensor) -> Tensor:
    """A − l/2 = ln(2 sinh(|l|/2) / |l|) with A = ln((e^l − 1) / l)."""
    near, far = magnitude.clamp(max=NEAR).square(), magnitude.clamp(min=NEAR)
    whole = (1.0 - (-far).exp()).div_(far).log_().add_(far, alpha=0.5)
    return whole + near * (1 / 24 - near / 2880) - NEAR**2 * (1 / 24 - NEAR**2 / 2880)


class _ContinuousBernoulliNLL(torch.autograd.Function):
    # In the logit l the density is exp(x·l − A(l)) with A(l) = ln((e^l − 1) / l): no λ near ½ to
    # lose digits at, no λ near 0 or 1 to overflow. A′ is the mean, so the gradient is mean − x.

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor) -> Tensor:
        magnitude = logits.abs()
        ctx.save_for_backward(logits, _slope(magnitude), target)
        losses = _log_constant(magnitude).addcmul_(target - 0.5, logits, value=-1.0)
        return losses.flatten(1).sum(1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        logits, slope, target = ctx.saved_tensors
        per_image = grad_outputs[0].view(-1, *[1] * (logits.dim() - 1))
        return (0.5 - target).addcmul_(logits, slope).mul_(per_image), None


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
        return 0.5 + output * _slope(output.abs())

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
