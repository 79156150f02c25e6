"""The look at all pictures before training."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.data.preflight import counted, looked_over, preflight
from vae_studio.domain.preflight import Preflight


def noise(count: int, seed: int = 0, *, classes: int = 2, levels: int = 256) -> ImageSet:
    draw = np.random.default_rng(seed)
    images = draw.integers(0, levels, (count, 1, 8, 8)) * (255 // (levels - 1))
    return ImageSet(images.astype(np.uint8), np.arange(count) % classes)


def splits(train: ImageSet, validation: ImageSet, test: ImageSet) -> DataSplits:
    return DataSplits("s", "S", train, validation, test, ("cat", "dog"), "", original=train.shape)


def good() -> DataSplits:
    """Black and white pictures in which nothing is wrong."""
    return splits(noise(1200, 1, levels=2), noise(120, 2, levels=2), noise(130, 3, levels=2))


def sentences(found: Preflight) -> str:
    return " ".join(advice.sentence for advice in found.advice)


def joined(*parts: ImageSet) -> ImageSet:
    labels = [part.labels_N for part in parts if part.labels_N is not None]
    return ImageSet(np.concatenate([part.images_NCHW for part in parts]), np.concatenate(labels))


def test_that_counts_histogram_and_mean_are_those_of_numpy() -> None:
    data = splits(noise(700, 1), noise(70, 2), noise(71, 3))
    found = looked_over(data)
    images = data.train.images_NCHW
    assert [part.pictures for part in found.parts] == [700, 70, 71]
    assert found.parts[2].classes_K == (36, 35)
    assert np.array_equal(found.histogram, np.bincount(images.reshape(-1), minlength=256))
    assert np.array_equal(found.mean[..., 0], np.rint(images.mean(axis=0)[0]))


@pytest.mark.parametrize("size", [0, 1, 2, 7, 1000])
def test_that_counting_in_pairs_counts_every_value(size: int) -> None:
    values = np.random.default_rng(size).integers(0, 256, (1, size)).astype(np.uint8)
    assert np.array_equal(counted(values), np.bincount(values[0], minlength=256))


def test_that_nothing_is_said_about_a_set_in_which_nothing_is_wrong() -> None:
    assert looked_over(good()).advice == ()


def test_that_test_pictures_in_the_training_set_are_told_with_their_number() -> None:
    data = good()
    leaked = replace(data, test=joined(data.test, data.train.slice(0, 12)))
    found = looked_over(leaked)
    assert found.copies.test_in_train == 12
    assert "12 test pictures are also in the training set: every test number is too good." in (
        sentences(found)
    )


def test_that_one_pixel_of_difference_is_no_copy() -> None:
    data = good()
    almost = data.train.images_NCHW[:12].copy()
    almost[:, 0, 3, 3] ^= 255
    near = replace(data, test=joined(data.test, ImageSet(almost, np.zeros(12, np.int64))))
    assert looked_over(near).copies.test_in_train == 0


def test_that_copies_within_a_part_and_under_two_classes_are_counted() -> None:
    data = good()
    again = data.train.slice(0, 30)
    relabelled = ImageSet(again.images_NCHW.copy(), 1 - again.labels_N)  # type: ignore[operator]
    found = looked_over(replace(data, train=joined(data.train, relabelled)))
    assert found.copies.extra == {"train": 30, "validation": 0, "test": 0}
    assert found.copies.under_two_classes == 60
    assert "60 pictures have a copy under another class" in sentences(found)
    assert "30 of 1,480 pictures are copies of another one" in sentences(found)


def test_that_a_rare_class_is_told_with_the_ratio() -> None:
    data = good()
    labels = np.zeros(1200, np.int64)
    labels[:12] = 1
    rare = replace(data, train=ImageSet(data.train.images_NCHW, labels))
    assert "Class dog has 12 pictures, 99 times fewer than class cat" in sentences(
        looked_over(rare)
    )


def test_that_a_class_without_training_pictures_is_told() -> None:
    data = good()
    one = replace(data, train=ImageSet(data.train.images_NCHW, np.zeros(1200, np.int64)))
    assert "no picture of class dog" in sentences(looked_over(one))


def test_that_grey_pictures_are_told_which_likelihoods_describe_them() -> None:
    data = splits(noise(1200, 1), noise(120, 2), noise(130, 3))
    found = looked_over(data)
    assert found.between == pytest.approx(0.9, abs=0.01)
    assert "90 % of the pixels are neither black nor white: σ-VAE or" in sentences(found)


def test_that_flat_pictures_are_told() -> None:
    data = good()
    images = data.train.images_NCHW.copy()
    images[:50] = 0
    found = looked_over(replace(data, train=ImageSet(images, data.train.labels_N)))
    assert found.uniform == 50
    assert "50 of 1,450 pictures are one flat value" in sentences(found)


def test_that_few_pictures_are_told_apart_from_many() -> None:
    data = splits(noise(40, 1, levels=2), noise(4, 2, levels=2), noise(5, 3, levels=2))
    told = sentences(looked_over(data))
    assert "40 pictures to learn from are few" in told
    assert "4 held-out and 5 test pictures are few" in told


def test_that_the_bundled_pictures_raise_no_alarm() -> None:
    found = looked_over(load_splits("fashion-mini"))
    assert found.advice == ()
    assert found.pictures == 14_000


def test_that_real_mnist_raises_no_alarm_and_takes_less_than_two_seconds(shared_data: Path) -> None:
    data = load_splits("mnist", data_dir=shared_data)
    began = time.thread_time()  # this thread's own time: others may use the machine
    found = looked_over(data)
    assert time.thread_time() - began < 2
    assert found.advice == ()
    assert found.pictures == 70_000


def test_that_a_look_can_be_left_after_every_slice() -> None:
    slices = preflight(load_splits("fashion-mini"))
    shares = [next(slices) for _ in range(3)]
    slices.close()
    assert 0 < shares[0] < shares[1] < shares[2] < 1


def test_that_sizes_and_kinds_of_files_are_those_before_resizing(
    tmp_path: Path, save_picture: Callable[..., Path]
) -> None:
    folder = tmp_path / "scans"
    for number in range(30):
        save_picture(folder / f"{number}.png", (20, 30), seed=number)
    deep = np.random.default_rng(0).integers(0, 65536, (40, 40)).astype(np.uint16)
    Image.fromarray(deep).save(folder / "deep.png")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n")
    found = looked_over(load_splits(str(folder)))
    assert found.files.sizes == (("30 × 20", 30), ("40 × 40", 1))
    assert found.files.kinds == (("PNG, grey, 8 bit", 30), ("PNG, grey, 16 bit", 1))
    assert any("torn.png" in note for note in found.notes)


def test_that_a_copied_file_is_named_with_its_twin(
    tmp_path: Path, save_picture: Callable[..., Path]
) -> None:
    folder = tmp_path / "scans"
    for part, count in (("train", 20), ("test", 10)):
        for number in range(count):
            save_picture(folder / part / f"{number}.png", (64, 64), seed=number + 50 * len(part))
    save_picture(folder / "test" / "twin.png", (64, 64), seed=250 + 7)
    found = looked_over(load_splits(str(folder)))
    assert found.copies.test_in_train == 1
    assert found.copies.examples == (("test/twin.png", "train/7.png"),)


def test_that_a_file_that_vanished_since_does_not_stop_the_look(
    class_folder: Path,
) -> None:
    data = load_splits(str(class_folder))
    (class_folder / "a" / "3.png").unlink()
    found = looked_over(data)
    assert ("gone or changed since it was loaded", 1) in found.files.kinds


def test_that_the_hash_of_a_part_changes_with_a_pixel_and_with_a_label() -> None:
    data = good()
    images, labels = data.test.images_NCHW.copy(), data.test.labels_N.copy()  # type: ignore[union-attr]
    images[3, 0, 0, 0] ^= 1
    labels[3] ^= 1
    hashes = {
        looked_over(replace(data, test=test)).parts[2].sha256
        for test in (data.test, ImageSet(images, data.test.labels_N),
                     ImageSet(data.test.images_NCHW, labels))
    }  # fmt: skip
    assert len(hashes) == 3
