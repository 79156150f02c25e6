"""What is evaluated: a model out of a run, the pictures it may be asked about, and how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.conditions import one_hot
from vae_studio.engine.probe import Probe
from vae_studio.engine.session import LoadedModel


@dataclass(frozen=True, eq=False)
class Subject:
    """``fitted`` is the same model with the prior that was fitted to it afterwards, if any."""

    model: LoadedModel
    splits: DataSplits
    fitted: LoadedModel | None = None
    is_samples: int = 1000
    is_images: int = 1000

    def convention(self, *, fitted: bool = False) -> str:
        """The stamp of a likelihood number."""
        model = self.fitted if fitted and self.fitted else self.model
        return str(model.convention)

    def samples(self, probe: Probe, count: int, *, seed: int = 0) -> ImageSet:
        """Draws from the prior as pictures; a conditional model is told labels as they come in the
        training set, and the pictures have them.
        """
        labels_N, told_NK = self._labels(probe, count, seed)
        pictures_NHWC, _ = probe.sample(count, seed=seed, told_NK=told_NK)
        pictures_NCHW = np.ascontiguousarray(pictures_NHWC.transpose(0, 3, 1, 2))
        return ImageSet(pictures_NCHW, labels_N)

    def copies(self, images: ImageSet) -> ImageSet:
        """Each picture as the model reproduces it from its posterior mean."""
        probe, told_NK = self.model.probe, None
        if probe.vae.condition and images.labels_N is not None:
            told_NK = one_hot(images.labels_N, probe.vae.condition)
        codes = probe.encode(images.images_NCHW, told_NK).mean_ND
        shown_NHWC = probe.decode(codes, told_NK)
        return ImageSet(np.ascontiguousarray(shown_NHWC.transpose(0, 3, 1, 2)), images.labels_N)

    def _labels(
        self, probe: Probe, count: int, seed: int
    ) -> tuple[NDArray[np.int64] | None, NDArray[np.float32] | None]:
        known_N = self.splits.train.labels_N
        if not probe.vae.condition or known_N is None:
            return None, None
        dice = np.random.default_rng(seed_for(seed, "labels"))
        labels_N = dice.choice(known_N, count)
        return labels_N, one_hot(labels_N, probe.vae.condition)


def some(images: ImageSet, count: int) -> ImageSet:
    """At most ``count`` pictures of a set, a random choice that is always the same."""
    if len(images) <= count:
        return images
    dice = np.random.default_rng(seed_for(0, "some pictures"))
    return images.take(np.sort(dice.permutation(len(images))[:count]))
