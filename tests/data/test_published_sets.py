"""Where published sets are looked for, and which one wins."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data import search
from vae_studio.data.catalog import is_present, load_splits
from vae_studio.data.idx import idx_bytes
from vae_studio.data.idx_source import STEMS
from vae_studio.data.published import FASHION_MNIST, MNIST
from vae_studio.domain.errors import StudioError


def mark_of(dataset: str, data_dir: Path | None = None) -> int:
    """The value of the first pixel, by which a test tells copies apart."""
    return int(load_splits(dataset, data_dir=data_dir).test.images_NCHW[0, 0, 0, 0])


@pytest.mark.parametrize("folder", ["MNIST/raw", "mnist", "MNIST", "."])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_that_every_usual_layout_is_found(folder, ending, tmp_path, idx_folder) -> None:
    idx_folder(tmp_path / folder, ending=ending, test_labels=MNIST.first_labels)
    splits = load_splits("mnist", data_dir=tmp_path)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (45, 5, 20)
    assert splits.class_names == tuple("0123456789")
    assert splits.train.shape == (1, 28, 28)


def test_that_the_spelling_with_a_dot_is_found(tmp_path, idx_folder) -> None:
    idx_folder(tmp_path / "MNIST" / "raw", ending="", separator=".")
    assert (tmp_path / "MNIST" / "raw" / "train-images.idx3-ubyte").is_file()
    assert is_present("mnist", tmp_path)


def test_that_folders_are_searched_in_the_stated_order(tmp_path, idx_folder, monkeypatch) -> None:
    named, first, second = tmp_path / "named", tmp_path / "first", tmp_path / "second"
    places = [named, first, second, search.user_datasets_folder(), search.DEBIAN_DATASETS]
    for mark, place in reversed(list(enumerate(places))):
        idx_folder(place / "fashion-mnist", mark=mark)
    monkeypatch.setenv("VAE_STUDIO_DATA", os.pathsep.join([str(first), "", str(second)]))
    assert mark_of("fashion-mnist", named) == 0
    for mark, place in enumerate(places[1:], 1):
        assert mark_of("fashion-mnist") == mark
        for path in (place / "fashion-mnist").iterdir():
            path.unlink()
    assert not is_present("fashion-mnist")


def test_that_files_without_the_name_of_their_set_pass_for_no_other(tmp_path, idx_folder) -> None:
    idx_folder(tmp_path, test_labels=FASHION_MNIST.first_labels)
    assert is_present("fashion-mnist", tmp_path)
    assert not is_present("mnist", tmp_path)


def test_that_three_files_of_four_are_no_set(tmp_path, idx_folder) -> None:
    (idx_folder(tmp_path / "mnist") / (STEMS[1] + ".gz")).unlink()
    assert not is_present("mnist", tmp_path)


def test_that_a_missing_set_says_how_to_get_it(tmp_path) -> None:
    with pytest.raises(StudioError, match="apt-get install dataset-fashion-mnist") as caught:
        load_splits("fashion-mnist", data_dir=tmp_path)
    for word in ("not on this computer", "30.9 MB", "--data-dir", "VAE_STUDIO_DATA"):
        assert word in str(caught.value)
    assert str(tmp_path) in caught.value.details


def test_that_a_missing_data_folder_is_named(tmp_path) -> None:
    with pytest.raises(StudioError, match=r"nowhere.*--data-dir"):
        load_splits("mnist", data_dir=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("stem", "array", "reason"),
    [
        (STEMS[1], np.zeros(49, np.uint8), "49 labels for the 50 pictures"),
        (STEMS[1], np.full(50, 11, np.uint8), "label 11; MNIST has 10 classes"),
        (STEMS[0], np.zeros(50, np.uint8), "holds no grey pictures"),
        (STEMS[0], np.zeros((0, 28, 28), np.uint8), "holds no grey pictures"),
        (STEMS[0], np.zeros((50, 8, 8), np.uint8), "mixes two sets"),
    ],
)
def test_that_files_that_do_not_belong_together_are_named(
    stem, array, reason, tmp_path, idx_folder
) -> None:
    folder = idx_folder(tmp_path / "mnist")
    (folder / f"{stem}.gz").write_bytes(gzip.compress(idx_bytes(array)))
    with pytest.raises(StudioError, match=reason):
        load_splits("mnist", data_dir=tmp_path)


def test_that_real_mnist_loads_whole(shared_data) -> None:
    splits = load_splits("mnist", data_dir=shared_data)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (58_000, 2_000, 10_000)
    assert splits.test.labels_N is not None
    assert tuple(splits.test.labels_N[:10]) == MNIST.first_labels
    assert 0.13 < splits.test.images_NCHW.mean() / 255 < 0.135  # the well-known 0.1325
