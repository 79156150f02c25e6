"""A file of arrays as a data set: which array is what, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vae_studio.data.catalog import is_present, load_splits, resolve
from vae_studio.domain.errors import StudioError

DRAW = np.random.default_rng(0)


def grey(count: int = 40, side: int = 12, **_: int) -> np.ndarray:
    images = DRAW.integers(0, 256, (count, side, side)).astype(np.uint8)
    images[:, 0, 0] = np.arange(count)  # by which a picture is known again
    return images


def save(path: Path, **arrays: np.ndarray) -> str:
    np.savez(path, **arrays)
    return str(path)


@pytest.mark.parametrize(
    ("pictures", "labels"),
    [("images", "labels"), ("x", "y"), ("X", "Y"), ("data", "target"), ("arr_0", "arr_1"),
     ("whatever", "classes")],
)  # fmt: skip
def test_that_pictures_and_labels_are_told_by_their_names(
    pictures: str, labels: str, tmp_path: Path
) -> None:
    name = save(tmp_path / "a.npz", **{pictures: grey(), labels: np.arange(40) % 3 * 10})
    splits = load_splits(name)
    assert (splits.name, splits.title) == ("folder:a.npz", "a.npz")
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [33, 3, 4]
    assert splits.class_names == ("0", "10", "20")
    for part in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(part.images_NCHW[:, 0, 0, 0] % 3, part.labels_N)


@pytest.mark.parametrize("pattern", ["x_{}", "{}_images", "images_{}", "X_{}"])
def test_that_a_ready_made_split_is_kept(pattern: str, tmp_path: Path) -> None:
    labels = pattern.replace("x", "y").replace("X", "y").replace("images", "labels")
    arrays = {}
    for part, count in (("train", 30), ("val", 5), ("test", 10)):
        arrays[pattern.format(part)] = grey(count)
        arrays[labels.format(part)] = np.arange(count)[:, None] % 2
    splits = load_splits(save(tmp_path / "a.npz", **arrays))
    np.testing.assert_array_equal(splits.train.images_NCHW[:, 0], arrays[pattern.format("train")])
    np.testing.assert_array_equal(splits.validation.labels_N, np.arange(5) % 2)
    np.testing.assert_array_equal(splits.test.images_NCHW[:, 0], arrays[pattern.format("test")])


@pytest.mark.parametrize(
    ("images", "shape"),
    [
        (np.zeros((20, 9, 9, 3), np.uint8), (3, 9, 9)),
        (np.zeros((20, 9, 9, 1), np.uint8), (1, 9, 9)),
        (np.zeros((20, 3, 9, 9), np.uint8), (3, 9, 9)),
        (np.zeros((20, 9, 14), np.uint8), (1, 9, 9)),
        (np.zeros((20, 9, 9), bool), (1, 9, 9)),
    ],
)
def test_that_channels_are_found_wherever_they_are(images, shape, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", images)
    splits = load_splits(str(tmp_path / "a.npy"))
    assert splits.train.shape == shape
    assert splits.train.images_NCHW.flags.writeable
    assert load_splits("folder:a.npy", size=8).train.shape == (shape[0], 8, 8)


@pytest.mark.parametrize(
    ("values", "bytes_"),
    [
        (np.array([0.0, 0.5, 1.0]), [0, 128, 255]),
        (np.array([0, 32896, 65535], np.uint16), [0, 128, 255]),
        (np.array([-1.0, 0.0, 1.0]), [0, 128, 255]),
        (np.array([False, True, True]), [0, 255, 255]),
    ],
)
def test_that_deep_values_become_bytes_by_the_stated_rules(values, bytes_, tmp_path: Path) -> None:
    images = np.broadcast_to(values[:, None, None], (3, 5, 5))
    np.save(tmp_path / "a.npy", np.concatenate([images] * 10))
    splits = load_splits(str(tmp_path / "a.npy"), validation=0)
    found = np.concatenate([splits.train.images_NCHW, splits.test.images_NCHW])
    assert np.unique(found).tolist() == sorted(set(bytes_))


def test_that_all_parts_of_a_file_share_one_scale(tmp_path: Path) -> None:
    train, test = np.full((20, 5, 5), 2.0), np.full((20, 5, 5), -3.0)
    train[:, 0], test[:, 0] = 7.0, 2.0
    splits = load_splits(save(tmp_path / "a.npz", x_train=train, x_test=test), validation=0)
    assert np.unique(splits.train.images_NCHW).tolist() == [128, 255]
    assert np.unique(splits.test.images_NCHW).tolist() == [0, 128]
    assert splits.notes == ("Values from -3 to 7 are shown from black to white.",)


@pytest.mark.parametrize("kind", [np.int64, np.float32, np.uint16])
def test_that_bytes_in_a_wider_type_stay_bytes(kind: type, tmp_path: Path) -> None:
    images = grey()
    loaded = load_splits(save(tmp_path / "a.npz", images=images.astype(kind)))
    assert loaded.fingerprint == load_splits(save(tmp_path / "b.npz", images=images)).fingerprint


def test_that_a_window_cuts_out_the_values_of_interest(tmp_path: Path) -> None:
    values = np.array([-1000, -160, 40, 240, 3000], np.int16)
    np.save(tmp_path / "ct.npy", np.broadcast_to(np.tile(values, 4)[:, None, None], (20, 5, 5)))
    splits = load_splits(f"{tmp_path / 'ct.npy'},window=400,level=40")
    assert splits.name == "folder:ct.npy,window=400,level=40"
    assert splits.title == "ct.npy (window 400, level 40)"
    parts = (splits.train, splits.validation, splits.test)
    found = np.concatenate([part.images_NCHW[:, 0, 0, 0] for part in parts])
    assert np.unique(found).tolist() == [0, 128, 255]
    assert resolve(splits.name) == splits.name
    assert load_splits(splits.name).fingerprint == splits.fingerprint


@pytest.mark.parametrize(
    "options",
    ["window=400", "level=3", "window=0,level=1", "window=a,level=b", "window=nan,level=1",
     "window=9,level=inf", "window=1,window=2"],
)  # fmt: skip
def test_that_half_a_window_is_one_sentence(options: str, tmp_path: Path) -> None:
    np.save(tmp_path / "ct.npy", grey())
    with pytest.raises(StudioError, match="A window is two numbers"):
        load_splits(f"{tmp_path / 'ct.npy'},{options}")


def test_that_words_are_classes_and_measurements_are_not(tmp_path: Path) -> None:
    words = np.array(["cat", "dog"])[np.arange(40) % 2]
    assert load_splits(save(tmp_path / "w.npz", x=grey(), y=words)).class_names == ("cat", "dog")
    splits = load_splits(save(tmp_path / "m.npz", x=grey(), y=np.linspace(0, 1, 40)))
    assert splits.train.labels_N is None
    assert splits.notes == ("The labels are measurements and no classes; they are left out.",)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"a": grey(), "b": grey()}, "does not say which array holds the pictures"),
        ({"a": np.zeros(40)}, "does not say which array"),
        ({"x": np.zeros((40, 7))}, "'x' in .* is no array of pictures: it has the shape"),
        ({"x": np.zeros((40, 9, 9, 4))}, "is no array of pictures"),
        ({"x": np.zeros((40, 9, 9), complex)}, "is no array of pictures"),
        ({"x": np.full((40, 9, 9), "a")}, "is no array of pictures"),
        ({"x": grey(), "y": np.zeros(39)}, "'y' in .* does not fit the 40 pictures in 'x'"),
        ({"x": grey(9)}, "holds 9 pictures that can be used; at least 10"),
        ({"x": np.full((40, 9, 9), np.nan)}, "without one finite value"),
    ],
)
def test_that_other_arrays_are_one_sentence(arrays, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=sentence) as caught:
        load_splits(save(tmp_path / "a.npz", **arrays))
    assert "a.npz" in caught.value.sentence


def test_that_no_object_is_ever_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([print] * 20, object), allow_pickle=True)
    with pytest.raises(StudioError, match="Python objects, which are never read"):
        load_splits(str(tmp_path / "a.npy"))


def test_that_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    name = resolve(save(tmp_path / "a.npz", x=grey()))
    assert is_present(name)
    (tmp_path / "a.npz").unlink()
    assert not is_present(name)
    with pytest.raises(StudioError, match=r"'a\.npz' are no longer at"):
        load_splits(name)
