"""Pictures that are in a set more than once: each is found by a digest of its bytes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.preflight import Copies

EXAMPLES = 8
Digests = NDArray[np.uint64]


def copies_among(splits: DataSplits, digests: Mapping[str, Digests]) -> Copies:
    """Count copies within each part and across them; ``digests`` (N,) of every part by its name."""
    train_N = digests["train"]
    shared_N = np.isin(digests["test"], train_N)
    return Copies(
        extra={name: len(part_N) - len(np.unique(part_N)) for name, part_N in digests.items()},
        test_in_train=int(shared_N.sum()),
        validation_in_train=int(np.isin(digests["validation"], train_N).sum()),
        under_two_classes=_under_two_classes(splits, digests),
        examples=_examples(splits.test, splits.train, digests, np.flatnonzero(shared_N)),
    )


def _under_two_classes(splits: DataSplits, digests: Mapping[str, Digests]) -> int:
    """How many pictures share their bytes with one of another class."""
    labels = [part.labels_N for part in splits.parts.values()]
    known = [labels_N for labels_N in labels if labels_N is not None]
    if len(known) < len(labels):
        return 0
    digests_N = np.concatenate([digests[name] for name in splits.parts])
    labels_N = np.concatenate(known)
    _, same_N = np.unique(digests_N, return_inverse=True)
    lowest = np.full(same_N.max(initial=-1) + 1, np.iinfo(np.int64).max)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, same_N, labels_N)
    np.maximum.at(highest, same_N, labels_N)
    return int((lowest != highest)[same_N].sum())


def _examples(
    test: ImageSet, train: ImageSet, digests: Mapping[str, Digests], shared: NDArray[np.intp]
) -> tuple[tuple[str, str], ...]:
    if test.names_N is None or train.names_N is None:
        return ()
    pairs = []
    for index in shared[:EXAMPLES]:
        twin = int(np.flatnonzero(digests["train"] == digests["test"][index])[0])
        pairs.append((str(test.names_N[index]), str(train.names_N[twin])))
    return tuple(pairs)
