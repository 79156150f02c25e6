"""How far samples, and copies, are from real pictures in the features of a small classifier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from torch import Tensor

from vae_studio.data.image_set import ImageSet
from vae_studio.engine.batches import as_tensor
from vae_studio.evaluation.classifier import Classifier, accuracy, features_of, trained_classifier
from vae_studio.evaluation.feature_distance import frechet_distance, kernel_distance
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.slices import Shares, within
from vae_studio.evaluation.subject import Subject, some

WORDS = "Comparing samples with pictures"
IMAGES = 2000
HOLE = 1.5  # times as far from pictures as with the fitted prior: the trained one has holes


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """Kernel and Fréchet distances to test pictures: of samples, of samples of the fitted prior,
    of copies of other test pictures, and of those pictures themselves, which are the floor.

    Named after the set whose classifier it is, and never "FID": that is another network.
    """
    splits = subject.splits
    train, test = splits.train, splits.test
    if train.labels_N is None or not (train.labels_N >= 0).any():
        why = "The pictures have no labels, and it takes a classifier's features."
        return (unavailable("kid_samples", "KID of samples", why),)
    net = yield from within(trained_classifier(train), 0.0, 0.6)
    chosen = some(test, 2 * IMAGES)  # at random: halves of a test set may differ (MNIST's do)
    real, name = _features(net, _part(chosen, 0)), _name(splits.name)
    found: list[Reading] = []
    for key, label, images in _compared_sets(subject, _part(chosen, 1)):
        found += _distances(key, label, _features(net, images), real, name)
        yield 0.6 + 0.05 * len(found)
    right = Reading(
        "classifier", f"accuracy of {name}", accuracy(net, test), None, len(test), "test split"
    )
    return (*_warned(found), right)


def _compared_sets(subject: Subject, others: ImageSet) -> Iterator[tuple[str, str, ImageSet]]:
    count = len(others)
    yield "samples", "samples", subject.samples(subject.model.probe, count)
    if subject.fitted:
        drawn = subject.samples(subject.fitted.probe, count)
        yield "samples_fitted", "samples, fitted prior", drawn
    yield "copies", "copies", subject.copies(others)
    yield "floor", "other test pictures", others


def _part(images: ImageSet, which: int) -> ImageSet:
    """Every other picture, so that the two parts are alike."""
    return images.take(np.arange(which, len(images), 2))


def _distances(key: str, label: str, shown: Tensor, real: Tensor, name: str) -> list[Reading]:
    near = kernel_distance(shown, real)
    how = f"features of {name}, {len(real):,} test pictures"
    return [
        Reading(f"kid_{key}", f"KID-{name}, {label}", near.value, near.error, len(shown), how),
        Reading(
            f"frechet_{key}", f"Fréchet-{name}, {label}", frechet_distance(shown, real), None,
            len(shown), how,
        ),
    ]  # fmt: skip


def _warned(found: list[Reading]) -> list[Reading]:
    """A prior whose samples are much farther off than those of the fitted one has holes."""
    by_key = {reading.key: reading.value or 0.0 for reading in found}
    fitted = by_key.get("kid_samples_fitted")
    if fitted is None or by_key["kid_samples"] <= HOLE * max(fitted, 0.0):
        return found
    warning = "Samples of the fitted prior are much nearer: the trained prior has holes."
    return [replace(r, reason=warning) if r.key == "kid_samples" else r for r in found]


def _features(net: Classifier, images: ImageSet) -> Tensor:
    return features_of(net, as_tensor(images.images_NCHW))


def _name(dataset: str) -> str:
    """ "mnist" → "mnistnet"; a folder of pictures keeps what letters its name has."""
    return re.sub(r"[^a-z0-9]", "", dataset.lower()) + "net"
