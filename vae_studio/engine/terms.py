"""The terms of a loss, and the KL they share. Shapes: B batch, D units."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Terms:
    """One batch's loss and its parts as 0-d tensors: nats per image, batch means.

    ``loss`` is what is minimised; ``distortion`` and ``rate`` are D and R at weight 1, whatever
    the objective does with them; ``extra`` holds the objective's own terms by name.
    """

    loss: Tensor
    distortion: Tensor
    rate: Tensor
    extra: dict[str, Tensor] = field(default_factory=dict)


def gaussian_kl(mean_BD: Tensor, logvar_BD: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) per image and unit (B, D), in nats.

    ½ (μ² + σ² − ln σ² − 1): Kingma & Welling 2013 (1312.6114), appendix B.
    """
    return 0.5 * (mean_BD.square() + logvar_BD.exp() - logvar_BD - 1.0)
