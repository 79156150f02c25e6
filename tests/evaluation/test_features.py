"""Distances between sets of pictures in the features of a small classifier."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vae_studio.data.image_set import ImageSet
from vae_studio.evaluation.classifier import accuracy, features_of, trained_classifier
from vae_studio.evaluation.feature_distance import frechet_distance, kernel_distance
from vae_studio.evaluation.slices import finish


def draws(count: int, units: int = 5, *, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, units, generator=torch.Generator().manual_seed(seed))


def test_that_the_frechet_distance_of_normals_is_the_formula() -> None:
    spread = torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0])
    one, other = draws(20_000), draws(20_000, seed=1) * spread + 0.3
    wanted = 5 * 0.3**2 + (spread - 1).square().sum().item()
    assert frechet_distance(one, other) == pytest.approx(wanted, rel=0.05)
    assert frechet_distance(one, one) == pytest.approx(0.0, abs=1e-6)


def test_that_the_frechet_distance_minds_correlation() -> None:
    """The product of the roots instead of the root of the product would see nothing here."""
    one = draws(20_000, 2)
    other = torch.stack(
        [one[:, 0], 0.9 * one[:, 0] + 0.19**0.5 * draws(20_000, 1, seed=1)[:, 0]], 1
    )
    covariance = np.array([[1, 0.9], [0.9, 1]])
    wanted = 2 + 2 - 2 * np.sqrt(np.linalg.eigvalsh(covariance)).sum()
    assert frechet_distance(one, other) == pytest.approx(wanted, abs=0.02)
    assert wanted > 0.3


def test_that_the_kernel_distance_is_unbiased() -> None:
    """Two samples of one distribution: around zero, on both sides, whatever their size."""
    found = [
        kernel_distance(draws(200, seed=s), draws(200, seed=1000 + s)).value for s in range(30)
    ]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 3 * np.std(found) / 30**0.5


def test_that_sets_that_do_not_divide_into_blocks_are_measured() -> None:
    found = kernel_distance(draws(64), draws(64, seed=1))
    assert abs(found.value) < 5 * found.error < 5


def test_that_a_kernel_distance_with_its_diagonals_would_be_seen() -> None:
    one, other = draws(200), draws(200, seed=1)

    def kernel(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a @ b.T / 5 + 1) ** 3

    biased = kernel(one, one).mean() + kernel(other, other).mean() - 2 * kernel(one, other).mean()
    right = kernel_distance(one, other)
    assert abs(right.value) < 4 * right.error
    assert biased > 0.05


def test_that_the_kernel_distance_sees_a_shift_within_its_error() -> None:
    near = kernel_distance(draws(1000), draws(1000, seed=1) + 0.2)
    far = kernel_distance(draws(1000), draws(1000, seed=1) + 1.0)
    assert far.value > near.value + 5 * far.error
    assert far.value > 10 * far.error


def striped(count: int, seed: int) -> ImageSet:
    """Rows or columns, with noise: two classes that a small net can tell apart."""
    dice = np.random.default_rng(seed)
    labels = dice.integers(0, 2, count)
    pictures = dice.integers(0, 120, (count, 1, 12, 12))
    pictures[labels == 0, :, ::3, :] += 130
    pictures[labels == 1, :, :, ::3] += 130
    return ImageSet(pictures.astype(np.uint8), labels)


def test_that_the_classifier_learns_in_seconds_and_is_the_same_for_the_same_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vae_studio.evaluation.classifier.STEPS", 40)
    nets = [finish(trained_classifier(striped(400, 0), seed=seed)) for seed in (1, 1, 2)]
    assert accuracy(nets[0], striped(200, 1)) > 0.95
    pictures = torch.from_numpy(striped(20, 2).images_NCHW)
    features = [features_of(net, pictures) for net in nets]
    assert features[0].shape == (20, 64)
    assert torch.equal(features[0], features[1])
    assert not torch.equal(features[0], features[2])


def test_that_its_features_tell_one_class_from_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_studio.evaluation.classifier.STEPS", 40)
    net = finish(trained_classifier(striped(400, 0)))
    other = striped(400, 3)
    rows, columns = (torch.from_numpy(other.images_NCHW[other.labels_N == c]) for c in (0, 1))
    half = len(rows) // 2
    alike = kernel_distance(features_of(net, rows[:half]), features_of(net, rows[half:]))
    apart = kernel_distance(features_of(net, rows), features_of(net, columns))
    assert apart.value > alike.value + 5 * (apart.error + alike.error)


def test_that_unlabelled_pictures_train_no_classifier() -> None:
    pictures = striped(10, 0)
    with pytest.raises(ValueError, match="labelled"):
        next(trained_classifier(ImageSet(pictures.images_NCHW)))
    with pytest.raises(ValueError, match="labelled"):
        next(trained_classifier(ImageSet(pictures.images_NCHW, np.full(10, -1))))
