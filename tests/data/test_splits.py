"""What is held out, and of whom."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.data.catalog import load_splits
from vae_studio.data.gather import split_up
from vae_studio.data.image_set import ImageSet
from vae_studio.data.layout import Layout
from vae_studio.data.splits import held_out_by_class, part_hashes, watched_by_group


def labelled(count: int, rare: int) -> ImageSet:
    draw = np.random.default_rng(0)
    labels = np.zeros(count, np.int64)
    labels[draw.permutation(count)[:rare]] = 1
    return ImageSet(draw.integers(0, 256, (count, 1, 4, 4)).astype(np.uint8), labels)


@pytest.mark.parametrize(("wanted", "held"), [(0, 0), (10, 10), (40, 40), (1000, 50)])
def test_that_every_class_has_its_share_held_out(wanted: int, held: int) -> None:
    train, aside = held_out_by_class(labelled(500, 50), wanted, seed=3)
    assert len(aside) == held
    assert len(train) == 500 - held
    assert aside.labels_N is not None
    assert int(aside.labels_N.sum()) == pytest.approx(held / 10, abs=1)


def test_that_what_is_held_out_follows_the_seed() -> None:
    one, same, other = (held_out_by_class(labelled(500, 50), 40, seed)[1] for seed in (3, 3, 4))
    assert np.array_equal(one.images_NCHW, same.images_NCHW)
    assert not np.array_equal(one.images_NCHW, other.images_NCHW)


def test_that_no_patient_is_learnt_from_and_held_out_where_the_test_is_given() -> None:
    groups = np.repeat([f"p{k}" for k in range(20)], 10)
    parts = np.where(np.arange(200) < 40, "test", "")
    split = watched_by_group(parts, groups, seed=0)
    assert (split[:40] == "test").all()
    held = set(groups[split == "validation"])
    assert held
    assert not held & set(groups[split == "train"])
    assert (split == "validation").sum() == 20


def test_that_a_single_patient_is_left_together() -> None:
    split = watched_by_group(np.full(10, ""), np.full(10, "p"), seed=0)
    assert (split == "train").all()


def test_that_a_patient_in_training_and_test_is_told() -> None:
    groups = np.array(["a", "b", "c", "a"] * 10)
    images = np.zeros((40, 1, 4, 4), np.uint8)
    for parts, told in (
        (np.where(groups == "b", "test", "train"), 0),
        (np.where(np.arange(40) % 4 == 3, "test", "train"), 1),
    ):
        pictures = split_up(images, Layout(None, (), parts, groups_N=groups), (), 0)
        assert len(pictures.notes) == told
        assert all("1 patient is in the training and in the test set" in n for n in pictures.notes)


def test_that_a_run_can_keep_a_hash_of_every_part() -> None:
    hashes = part_hashes(load_splits("fashion-mini"))
    assert set(hashes) == {"train", "validation", "test"}
    assert len(set(hashes.values())) == 3
    assert hashes == part_hashes(load_splits("fashion-mini"))
