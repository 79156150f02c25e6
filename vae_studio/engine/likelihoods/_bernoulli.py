"""The Bernoulli negative log-likelihood, written out: one exponential for loss and gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-3  # keeps the logit of an always-black pixel finite


class _BernoulliNLL(torch.autograd.Function):
    # softplus(l) = max(l, 0) − ln max(s, 1 − s) with s = sigmoid(l): the s that the gradient needs
    # anyway. F.softplus alone takes as long as all passes here together, and autograd's own chain
    # keeps three pictures more.

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor) -> Tensor:
        chance = torch.sigmoid(logits)
        ctx.save_for_backward(chance, target)
        tail = torch.maximum(chance, 1.0 - chance).log_()
        losses = torch.relu(logits).sub_(tail).addcmul_(target, logits, value=-1.0)
        return losses.flatten(1).sum(1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        chance, target = ctx.saved_tensors
        per_image = grad_outputs[0].view(-1, *[1] * (chance.dim() - 1))
        return (chance - target).mul_(per_image), None


def bernoulli_nll(logits: Tensor, target: Tensor) -> Tensor:
    """−log p per image (B,) in nats: Σ over pixels of softplus(l) − x·l.

    With x in [0, 1] it is the grey-BCE. Its gradient by the logits is sigmoid(l) − x.
    """
    return _BernoulliNLL.apply(logits, target)  # type: ignore[no-any-return]


def logit_of_mean(mean_CHW: Tensor) -> Tensor:
    """The bias with which an untrained decoder answers the mean picture."""
    return torch.logit(mean_CHW, eps=EPSILON)
