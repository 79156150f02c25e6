"""What a conditional model is told about each picture. N pictures, K numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.errors import StudioError


def condition_width(splits: DataSplits) -> int:
    """K: the number of classes; StudioError when the pictures have no labels."""
    if splits.train.labels_N is None or not splits.class_names:
        raise StudioError(
            f"The pictures of '{splits.name}' have no labels to tell the model; leave "
            "--conditional out, or put the pictures of each class into a folder of its own."
        )
    return len(splits.class_names)


def conditions_of(images: ImageSet, width: int) -> NDArray[np.float32]:
    """One-hot classes (N, K); a picture without a label (a negative one) is a row of zeros."""
    assert images.labels_N is not None
    return one_hot(images.labels_N, width)


def one_hot(labels_N: NDArray[np.int64], width: int) -> NDArray[np.float32]:
    """(N, K) with a 1 at each label; negative labels give zeros."""
    return (labels_N[:, None] == np.arange(width)).astype(np.float32)
