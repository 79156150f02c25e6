"""Copies are called copies; fresh draws are not."""

from __future__ import annotations

import pytest
import torch

from vae_studio.evaluation.memorisation import auroc, auroc_error, memorisation, nearest_distances
from vae_studio.evaluation.slices import finish


def draws(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))


def test_that_fresh_draws_look_like_held_out_pictures() -> None:
    found = finish(memorisation(draws(300, 1), draws(300, 2), draws(2000, 3)))
    assert found.ratio == pytest.approx(1.0, abs=4 * found.ratio_error)
    assert found.auroc == pytest.approx(0.5, abs=4 * found.auroc_error)
    assert not found.suspicious
    assert (found.samples, found.held_out, found.training) == (300, 300, 2000)


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_that_copies_are_suspicious(noise: float) -> None:
    training = draws(2000, 3)
    found = finish(memorisation(training[:300] + noise * draws(300, 1), draws(300, 2), training))
    assert found.suspicious
    assert found.ratio < 0.75
    assert found.auroc > 0.7


def test_that_far_off_samples_are_not_suspicious() -> None:
    found = finish(memorisation(3 * draws(300, 1), draws(300, 2), draws(2000, 3)))
    assert not found.suspicious
    assert found.ratio > 1.5
    assert found.auroc < 0.1


def test_that_a_sum_that_forgets_who_is_asked_would_be_seen() -> None:
    """Distances from the training set to the samples are another quantity."""
    samples, training = draws(30, 1), draws(2000, 3)
    right = finish(nearest_distances(samples, training)).median()
    turned = finish(nearest_distances(training, samples)).median()
    assert turned > 1.3 * right


def test_that_distances_are_exact_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_studio.evaluation.memorisation.PRODUCTS", 10_000)
    queries, training = 1e3 + draws(50, 1), 1e3 + draws(400, 2)
    wanted = torch.cdist(queries.double(), training.double()).amin(1)
    assert torch.allclose(finish(nearest_distances(queries, training)).double(), wanted, rtol=1e-3)
    near = finish(nearest_distances(training[:5], training))
    assert near.tolist() == [0.0] * 5  # a copy is a copy, however large its numbers


def test_that_auroc_is_the_share_of_pairs_in_order() -> None:
    larger, smaller = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([1.0, 0.0])
    assert auroc(larger, smaller) == pytest.approx(5.5 / 6)
    assert auroc(smaller, larger) == pytest.approx(0.5 / 6)
    assert auroc_error(0.5, 100, 100) == pytest.approx(0.041, abs=0.002)
    assert auroc_error(1.0, 100, 100) == 0.0
