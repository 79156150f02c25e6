"""Focal frequency loss: the squared error, weighed towards the frequencies that are worst."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Knob

CARD = Card(
    name="focal-frequency",
    label="Focal frequency",
    help="The squared error, frequency by frequency, each weighed by how far off it is: fine "
    "texture that a squared error gives up first is asked for longer.",
    source="Jiang 2021 (2012.12821), equations 5 to 8",
    order=20,
    knobs=(
        Knob(
            path="alpha", label="Focus α", kind="float", default=1.0, low=0.0, high=4.0, step=0.1,
            help="How strongly the worst frequencies come first; 0 is the plain squared error.",
        ),
    ),
)  # fmt: skip

SIGMA = 0.1  # of the Gaussian pixels whose nats the term is counted in
TINY = 1e-12  # keeps the weights of a perfect copy finite


class Auxiliary(nn.Module):
    """Σ over frequencies of w·|F(x) − F(copy)|² / 2σ² at σ = 0.1, mean over the batch.

    F is the orthonormal transform, so that with all weights at 1 (α = 0) this is, by Parseval, the
    distortion of Gaussian pixels without its constant. w = |F(x) − F(copy)|^α over its largest
    value in the picture's channel, and is not differentiated.
    """

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        self.alpha = float(str(options["alpha"]))

    def forward(self, picture_BCHW: Tensor, x_BCHW: Tensor) -> Tensor:
        """The term of decoded pictures beside what they should be, both in [0, 1]; 0-d."""
        apart = torch.fft.fft2(picture_BCHW - x_BCHW, norm="ortho")
        power = torch.view_as_real(apart).square().sum(-1)
        weight = power.detach() ** (0.5 * self.alpha)
        weight = weight / weight.amax((2, 3), keepdim=True).clamp_min(TINY)
        return (weight * power).sum((1, 2, 3)).mean() / (2.0 * SIGMA**2)
