"""A small classifier trained on the set at hand: its features say what matters in its pictures.

Distances between pictures in its features are comparable between models of the same set, and with
nothing else; they are named after the set and never "FID". Shapes: N pictures, E features.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_studio.data.image_set import ImageSet
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.evaluation.slices import Shares

FEATURES = 64
LARGEST_SIDE = 32  # larger pictures are shrunk: features need no more, and it stays quick
PICTURES = 10_000
STEPS = 300
BATCH = 128
LEARNING_RATE = 1e-2
SLICE = 500
SCALED_BY = 2000  # pictures


class Classifier(nn.Module):
    """Two convolutions and two dense layers, on pictures of at most 32 × 32.

    ``middle`` and ``spread`` of the pixel values centre its input; ``middle_E`` and ``spread_E``
    make every feature weigh the same in a distance.
    """

    middle_E: Tensor
    spread_E: Tensor

    def __init__(self, channels: int, classes: int, *, middle: float, spread: float) -> None:
        super().__init__()
        self.middle, self.spread = middle, max(spread, 1e-3)
        self.register_buffer("middle_E", torch.zeros(FEATURES))
        self.register_buffer("spread_E", torch.ones(FEATURES))
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, 3, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.SiLU(),
            nn.AdaptiveAvgPool2d(4), nn.Flatten(),
            nn.Linear(32 * 16, FEATURES), nn.SiLU(),
        )  # fmt: skip
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits of the classes (B, classes) for pictures in [0, 1]."""
        return self.head(self._raw(x_BCHW))  # type: ignore[no-any-return]

    def features(self, x_BCHW: Tensor) -> Tensor:
        """What the last layer sees (B, E), with variance 1 over training pictures."""
        return (self._raw(x_BCHW) - self.middle_E) / self.spread_E

    @torch.no_grad()
    def scale_by(self, x_BCHW: Tensor) -> None:
        """Take the mean and spread of the features from these pictures."""
        raw_BE = self._raw(x_BCHW)
        self.middle_E.copy_(raw_BE.mean(0))
        self.spread_E.copy_(raw_BE.std(0).clamp_min(1e-3))

    def _raw(self, x_BCHW: Tensor) -> Tensor:
        if max(x_BCHW.shape[2:]) > LARGEST_SIDE:
            x_BCHW = functional.adaptive_avg_pool2d(x_BCHW, LARGEST_SIDE)
        return self.body((x_BCHW - self.middle) / self.spread)  # type: ignore[no-any-return]


def trained_classifier(images: ImageSet, *, seed: int = 0) -> Shares[Classifier]:
    """A classifier trained for some seconds on labelled pictures; the same for the same seed.

    Pictures with a negative label (none) are left out. Raises ValueError where none is left.
    """
    if images.labels_N is None or not (images.labels_N >= 0).any():
        raise ValueError("a classifier needs labelled pictures")
    rows_N = np.flatnonzero(images.labels_N >= 0)
    generator = torch.Generator().manual_seed(seed_for(seed, "classifier"))
    rows = torch.from_numpy(rows_N)[torch.randperm(len(rows_N), generator=generator)[:PICTURES]]
    pictures, labels = as_tensor(images.images_NCHW), torch.from_numpy(images.labels_N)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_for(seed, "classifier weights"))
        some = as_floats(pictures[rows[:SCALED_BY]])
        net = Classifier(
            images.shape[0], int(labels[rows].max()) + 1,
            middle=float(some.mean()), spread=float(some.std()),
        )  # fmt: skip
    optimizer = FusedAdam(net.parameters())
    for step in range(STEPS):
        chosen = rows[torch.randint(len(rows), (BATCH,), generator=generator)]
        with torch.enable_grad():
            logits = net(as_floats(pictures[chosen]))
            functional.cross_entropy(logits, labels[chosen]).backward()
        optimizer.step(LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * step / STEPS)))
        optimizer.zero_grad()
        yield (step + 1) / STEPS
    net.scale_by(some)
    return net.eval()


@torch.no_grad()
def features_of(net: Classifier, images_NCHW: Tensor) -> Tensor:
    """Features (N, E) of pictures as uint8 (N, C, H, W)."""
    return torch.cat([net.features(as_floats(part)) for part in images_NCHW.split(SLICE)])


@torch.no_grad()
def accuracy(net: Classifier, images: ImageSet) -> float:
    """The share of labelled pictures that it names right."""
    assert images.labels_N is not None
    labels = torch.from_numpy(images.labels_N)
    guesses = torch.cat([
        net(as_floats(part)).argmax(1) for part in as_tensor(images.images_NCHW).split(SLICE)
    ])  # fmt: skip
    return float((guesses == labels)[labels >= 0].double().mean())
