"""The catalog, the splits it hands out, and what it says to a wrong wish."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data.catalog import entries, is_present, load_splits
from vae_studio.data.image_set import DataSplits, ImageSet, fingerprint_of
from vae_studio.data.progress import LoadCancelled
from vae_studio.data.splits import drawn_for_test, held_out
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.imaging.resize import resized
from vae_studio.resources import resource


@pytest.fixture(scope="module")
def mini() -> DataSplits:
    return load_splits("fashion-mini")


def test_that_every_set_has_title_help_and_licence() -> None:
    names = [entry.name for entry in entries()]
    assert names[:4] == ["fashion-mini", "shapes", "mnist", "fashion-mnist"]
    assert all(entry.title and entry.help and entry.licence for entry in entries())


def test_that_the_bundled_set_is_always_there_and_balanced(mini: DataSplits) -> None:
    assert is_present("fashion-mini")
    assert (len(mini.train), len(mini.validation), len(mini.test)) == (10_800, 1_200, 2_000)
    together = np.concatenate([mini.train.labels_N, mini.validation.labels_N])
    assert np.bincount(together).tolist() == [1_200] * 10
    assert np.bincount(mini.test.labels_N).tolist() == [200] * 10
    assert len(mini.class_names) == 10


def test_that_the_bundled_pictures_are_those_of_the_release(mini: DataSplits) -> None:
    """The figures of the README and the bundled model are about exactly these pixels."""
    assert mini.fingerprint == FINGERPRINT


FINGERPRINT = "54f9576544780f38bb5738e3946095438f9aa131fd9ebc002644aa00fadc23d2"


def test_that_the_bundled_files_are_small_and_carry_their_licence() -> None:
    folder = resource("data", "fashion-mini")
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 6_000_000
    assert "Zalando" in (folder / "LICENSE.txt").read_text(encoding="utf-8")


def test_that_pictures_can_be_written_to(mini: DataSplits) -> None:
    """torch warns, once a process, about memory it may not write."""
    for part in (mini.train, mini.validation, mini.test):
        assert part.images_NCHW.flags.writeable
        assert part.images_NCHW.flags.c_contiguous


def test_that_held_out_pictures_depend_on_nothing_but_the_set() -> None:
    images = np.arange(300, dtype=np.uint16).astype(np.uint8).reshape(300, 1, 1, 1)
    whole = ImageSet(images, np.arange(300))
    train, validation = held_out(whole, 2_000, 0)
    order = np.random.default_rng(seed_for(0, "validation")).permutation(300)
    assert validation.labels_N.tolist() == order[:30].tolist()
    assert train.labels_N.tolist() == sorted(order[30:].tolist())
    np.testing.assert_array_equal(train.images_NCHW[:, 0, 0, 0], train.labels_N.astype(np.uint8))


@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (7, 7), (30, 30), (31, 30), (10**6, 30)])
def test_that_at_most_a_tenth_is_held_out(wanted: int, given: int) -> None:
    whole = ImageSet(np.zeros((300, 1, 2, 2), np.uint8))
    train, validation = held_out(whole, wanted, 0)
    assert (len(train), len(validation)) == (300 - given, given)


@pytest.mark.parametrize("sizes", [(100,), (10, 30), (1, 1, 1, 97), (3, 3, 3, 3), (5,) * 40])
def test_that_a_tenth_of_every_class_is_the_test(sizes: tuple[int, ...]) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    tested = drawn_for_test(len(labels), labels, seed=0)
    assert tested.sum() == max(1, round(len(labels) / 10))
    for k, size in enumerate(sizes):
        taken = int(tested[labels == k].sum())
        assert size // 10 <= taken <= -(-size // 10) or size == 1
        assert taken < size
    assert (tested == drawn_for_test(len(labels), labels, seed=0)).all()


def test_that_the_seed_of_the_splits_decides_the_test() -> None:
    first, second = (drawn_for_test(200, None, seed) for seed in (0, 1))
    assert first.sum() == second.sum() == 20
    assert (first != second).any()


def test_that_the_fingerprint_tells_any_change() -> None:
    images, labels = np.zeros((4, 1, 2, 2), np.uint8), np.arange(4)
    changed = images.copy()
    changed[3, 0, 1, 1] = 1
    sets = [
        (ImageSet(images, labels),), (ImageSet(images),), (ImageSet(changed, labels),),
        (ImageSet(images, labels[::-1].copy()),), (ImageSet(images.reshape(4, 1, 1, 4), labels),),
        (ImageSet(images[:2], labels[:2]), ImageSet(images[2:], labels[2:])),
    ]  # fmt: skip
    prints = [fingerprint_of(*parts) for parts in sets]
    assert len(set(prints)) == len(sets)
    assert prints[0] == fingerprint_of(ImageSet(images.copy(), labels.copy()))
    assert all(len(text) == 64 for text in prints)


def test_that_a_size_resizes_every_part(mini: DataSplits) -> None:
    small = load_splits("fashion-mini", size=14)
    assert {part.shape for part in (small.train, small.validation, small.test)} == {(1, 14, 14)}
    by_hand = resized(mini.test.images_NCHW.transpose(0, 2, 3, 1), 14, 14)
    np.testing.assert_array_equal(small.test.images_NCHW[:, 0], by_hand[..., 0])
    assert small.fingerprint != mini.fingerprint


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"dataset": "mnits"}, "Did you mean 'mnist'"),
        ({"dataset": "qqq"}, "no data set 'qqq'. Known names: fashion-mini, shapes, mnist"),
        ({"dataset": ""}, "no data set ''"),
        ({"dataset": "x" * 400}, "no data set 'xxx"),
        ({"dataset": "/no/such/folder"}, "'/no/such/folder' is not a folder"),
        ({"dataset": "folder:unknown"}, "no folder of pictures named 'unknown'"),
        ({"dataset": "fashion-mini", "size": 3}, "size must be 0"),
        ({"dataset": "fashion-mini", "size": 5_000}, "size must be 0"),
        ({"dataset": "fashion-mini", "size": -28}, "size must be 0"),
        ({"dataset": "fashion-mini", "validation": -1}, "cannot be negative"),
    ],
)
def test_that_a_wrong_wish_is_one_sentence(wish: dict, sentence: str) -> None:
    with pytest.raises(StudioError) as caught:
        load_splits(**wish)
    assert sentence in str(caught.value)


def test_that_a_file_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(StudioError, match=r"a\.png' is not a folder of pictures"):
        load_splits(str(tmp_path / "a.png"))


def test_that_progress_is_told_and_can_cancel() -> None:
    told: list[tuple[float, str]] = []
    load_splits("fashion-mini", progress=lambda *news: told.append(news) or True)
    assert told[0][0] == 0.0
    assert told[-1] == (1.0, "Fashion-MNIST, small is ready")
    with pytest.raises(LoadCancelled):
        load_splits("fashion-mini", progress=lambda *_: False)


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 4, 4), np.uint8), np.zeros((2, 1, 4, 4)), np.zeros((9, 1, 4, 4), np.uint8)[::2]],
)
def test_that_an_image_set_holds_contiguous_bytes_only(images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="contiguous uint8"):
        ImageSet(images)


def test_that_labels_must_match_the_pictures() -> None:
    with pytest.raises(ValueError, match="labels"):
        ImageSet(np.zeros((2, 1, 4, 4), np.uint8), np.zeros(3, np.int64))


def test_that_loading_needs_neither_torch_nor_qt_nor_a_network_library() -> None:
    program = (
        "import sys\nfrom vae_studio.data.catalog import load_splits\nload_splits('fashion-mini')\n"
        "heavy = {'torch', 'torchvision', 'PySide6', 'requests', 'urllib3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_that_the_catalog_of_sets_is_read_without_pillow() -> None:
    """It is there before the window's first paint."""
    program = (
        "import sys\nfrom vae_studio.data.catalog import entries, is_present\n"
        "print(len([is_present(entry.name) for entry in entries()]) > 20)\n"
        "print(sorted({'PIL', 'psutil', 'pydicom', 'zoneinfo'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["True", "[]"]
