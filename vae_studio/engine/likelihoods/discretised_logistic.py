"""The probability of each of the 256 grey levels, from a logistic curve cut into bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import softplus

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob

CARD = Card(
    name="discretised-logistic",
    label="Discretised logistic",
    help="Probability of the 8-bit grey levels themselves: the NELBO is a code length, never "
    "negative, and reads as honest bits per value.",
    source="Kingma 2016 (1606.04934), section 5.2; Salimans 2017 (PixelCNN++, 1701.05517)",
    order=35,
    knobs=(
        Knob(
            path="scale", label="Scale", kind="choice", default="pixel",
            choices=(Choice("pixel", "per pixel"), Choice("shared", "one for all")),
            help="How sure the decoder is of a pixel: told by the decoder with every pixel, or one "
            "number learnt for all of them.",
        ),
    ),
)  # fmt: skip

HALF = 0.5 / 255.0  # half a grey level on the scale 0 to 1
MIDDLE, REACH = -3.7, 4.0  # ln s lies within MIDDLE ± REACH: s from a tenth of a level to 1.3
FIRST = -2.0  # ln s of an untrained decoder
PACE = 10.0  # of the shared ln s: one number, learnt at the pace of weights, would arrive too late
FAR = 1e9  # beyond every centre and scale: a sigmoid there is exactly 0
EPSILON = 1e-3  # keeps the centre of an always-black pixel finite


class _LogisticNLL(torch.autograd.Function):
    # With w = 2·HALF/s, u = (m − x − HALF)/s and v = (x − m − HALF)/s, the probability of a level
    # is σ(−u)·σ(−v)·(1 − e^−w): no difference of nearly equal sigmoids. At level 0 the bin is open
    # below, so that v and w drop out; at level 255 it is open above, and u and w do. They drop out
    # by arithmetic: one masked_fill takes as long as ten multiplications.

    @staticmethod
    def forward(ctx: Any, mean: Tensor, log_scale: Tensor, target: Tensor) -> Tensor:
        inverse = (-log_scale).exp()
        half = HALF * inverse
        gap = (target - mean) * inverse
        white, coloured = (target + HALF).floor_(), (target - HALF).ceil_()  # 0 or 1 each
        u = (-half - gap).sub_(white, alpha=FAR)
        v = (gap - half).sub_(1.0 - coloured, alpha=FAR)
        over, under = torch.sigmoid(u), torch.sigmoid(v)
        missing = (coloured - white) * (-2.0 * half).exp()  # e^−w; 0 at the edges
        ctx.save_for_backward(gap, over, under, missing, inverse)
        # softplus(u) = max(u, 0) − ln max(σ(u), 1 − σ(u)), and one logarithm for all the parts
        tails = torch.maximum(over, 1.0 - over).mul_(torch.maximum(under, 1.0 - under))
        tails.mul_(1.0 - missing)
        return u.relu_().add_(v.relu_()).sub_(tails.log_()).flatten(1).sum(1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor, None]:
        gap, over, under, missing, inverse = ctx.saved_tensors
        per_image = grad_outputs[0].view(-1, *[1] * (gap.dim() - 1))
        half = HALF * inverse
        by_mean = (over - under).mul_(inverse).mul_(per_image)
        width = missing.div(1.0 - missing).mul_(2.0 * half)
        by_scale = width.addcmul_(over, gap + half).addcmul_(under, half - gap).mul_(per_image)
        return by_mean, by_scale.sum_to_size(inverse.shape), None


class Likelihood(nn.Module):
    """P(level) = F((x + ½ level − m) / s) − F((x − ½ level − m) / s), F the logistic function.

    The decoder answers the centre m on the scale 0 to 1 and, unless the scale is shared, a raw
    ln s in as many channels again.
    """

    short = "256 levels, logistic"
    discrete = True

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        self.shared = options["scale"] == "shared"
        self.parameters_per_value = 1 if self.shared else 2
        if self.shared:
            self.raw_scale = nn.Parameter(torch.full((1,), FIRST / PACE))

    def target(self, x: Tensor, generator: Generator | None) -> Tensor:
        """The grey values k/255 themselves."""
        return x

    def nll(self, output: Tensor, target: Tensor) -> Tensor:
        """−log P(x|z) per image (B,), nats: a probability, so never negative."""
        return _LogisticNLL.apply(*self._parts(output), target)  # type: ignore[no-any-return]

    def mean_picture(self, output: Tensor) -> Tensor:
        """E[x|z] in [0, 1], to within a fraction of a level: the mean of the logistic curve with
        what lies outside moved to the edges, s·(softplus(m/s) − softplus((m − 1)/s)).
        """
        mean, log_scale = self._parts(output)
        scale = log_scale.exp()
        shown = scale * (softplus(mean / scale) - softplus((mean - 1.0) / scale))
        return shown.clamp(0.0, 1.0)  # a centre far outside loses digits

    def initial_bias(self, mean_CHW: Tensor) -> Tensor:
        """The centres whose mean picture is ``mean_CHW`` (the inverse of the above), and ln s."""
        wanted = mean_CHW.clamp(EPSILON, 1.0 - EPSILON)
        raw = torch.full_like(wanted, FIRST)
        scale = _bounded(raw).exp()
        black = torch.log(-torch.expm1(-wanted / scale))
        white = torch.log(-torch.expm1((wanted - 1.0) / scale))
        centre = wanted + scale * (black - white)
        return centre if self.shared else torch.cat([centre, raw])

    def _parts(self, output: Tensor) -> tuple[Tensor, Tensor]:
        """Centres (B, C, H, W) and ln s, of the same shape or (1,)."""
        if self.shared:
            return output, _bounded(PACE * self.raw_scale)
        mean, raw = output.chunk(2, dim=1)
        return mean, _bounded(raw)


def _bounded(raw: Tensor) -> Tensor:
    return torch.tanh((raw - MIDDLE) / REACH).mul(REACH).add(MIDDLE)
