"""The Bernoulli negative log-likelihood, written out: three passes forward, three backward."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-3  # keeps the logit of an always-black pixel finite


class _BernoulliNLL(torch.autograd.Function):
    # autograd's own chain for softplus(l) − x·l keeps three pictures and takes twice the passes

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor) -> Tensor:
        ctx.save_for_backward(logits, target)
        losses = torch.addcmul(F.softplus(logits), target, logits, value=-1.0)
        return losses.flatten(1).sum(1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        logits, target = ctx.saved_tensors
        per_image = grad_outputs[0].view(-1, *[1] * (logits.dim() - 1))
        return torch.sigmoid(logits).sub_(target).mul_(per_image), None


def bernoulli_nll(logits: Tensor, target: Tensor) -> Tensor:
    """−log p per image (B,) in nats: Σ over pixels of softplus(l) − x·l.

    With x in [0, 1] it is the grey-BCE. Its gradient by the logits is sigmoid(l) − x.
    """
    return _BernoulliNLL.apply(logits, target)  # type: ignore[no-any-return]


def logit_of_mean(mean_CHW: Tensor) -> Tensor:
    """The bias with which an untrained decoder answers the mean picture."""
    return torch.logit(mean_CHW, eps=EPSILON)
