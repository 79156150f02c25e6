"""MedMNIST files, official and not, and files of arrays that nobody vouches for."""

from __future__ import annotations

import hashlib
import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data import medmnist
from vae_studio.data.catalog import host_and_size, is_present, load_splits, resolve
from vae_studio.data.med_table import MED_SETS, SIDES
from vae_studio.data.medmnist import BY_NAME, OTHER_COPY
from vae_studio.data.npz import ArrayFile
from vae_studio.domain.errors import StudioError

COUNTS = {"train": 30, "val": 8, "test": 12}


def med_file(folder: Path, name: str, *, side: int = 28, **other: np.ndarray) -> Path:
    member = BY_NAME[name]
    draw = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}
    for part, count in COUNTS.items():
        colour = (3,) if member.channels == 3 else ()
        arrays[f"{part}_images"] = draw.integers(0, 256, (count, side, side, *colour), np.uint8)
        classes = len(member.class_names)
        arrays[f"{part}_labels"] = (
            draw.integers(0, 2, (count, classes), np.uint8)
            if member.findings
            else (np.arange(count, dtype=np.uint8) % classes)[:, None]
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / member.file_name(side)
    np.savez_compressed(path, **{**arrays, **other})
    return path


def make_official(path: Path, name: str, side: int, monkeypatch) -> None:
    """The small file is the one its publishers made."""
    md5s = list(BY_NAME[name].md5s)
    md5s[SIDES.index(side)] = hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setitem(medmnist.BY_NAME, name, replace(BY_NAME[name], md5s=tuple(md5s)))


def test_that_all_twelve_sets_are_offered_in_four_sizes() -> None:
    assert len(MED_SETS) == len(BY_NAME) == 12
    md5s = [md5 for member in MED_SETS for md5 in member.md5s]
    assert len(set(md5s)) == 48
    assert all(len(md5) == 32 and set(md5) <= set("0123456789abcdef") for md5 in md5s)
    for member in MED_SETS:
        for side in SIDES:
            name = resolve(f"medmnist:{member.name},{side}")
            assert host_and_size(name).host == "zenodo.org"
    assert [m.name for m in MED_SETS if "NC" in m.licence] == ["derma"]


def test_that_the_official_file_comes_with_its_own_split(tmp_path, monkeypatch) -> None:
    path = med_file(tmp_path / "medmnist", "breast")
    make_official(path, "breast", 28, monkeypatch)
    splits = load_splits("medmnist:breast", data_dir=tmp_path)
    assert {part: len(getattr(splits, whole)) for part, whole in
            (("train", "train"), ("val", "validation"), ("test", "test"))} == COUNTS  # fmt: skip
    with np.load(path) as arrays:
        np.testing.assert_array_equal(splits.test.images_NCHW[:, 0], arrays["test_images"])
        np.testing.assert_array_equal(splits.test.labels_N, arrays["test_labels"][:, 0])
    assert (splits.caveat, splits.notes) == ("", ())
    assert splits.class_names == ("malignant", "normal, benign")


def test_that_another_copy_is_marked_as_one(tmp_path: Path) -> None:
    med_file(tmp_path, "breast")
    splits = load_splits("medmnist:breast", data_dir=tmp_path)
    assert splits.caveat == OTHER_COPY == "not the official file"
    assert splits.notes[0].startswith("breastmnist.npz is not the official file")


def test_that_larger_and_coloured_pictures_are_read(tmp_path: Path) -> None:
    path = med_file(tmp_path / "MedMNIST", "blood", side=64)
    assert path.name == "bloodmnist_64.npz"
    assert not is_present("medmnist:blood", tmp_path)
    splits = load_splits("medmnist:blood,64", data_dir=tmp_path)
    assert splits.train.shape == (3, 64, 64)
    assert splits.title == "BloodMNIST (64 px)"
    with np.load(path) as arrays:
        np.testing.assert_array_equal(
            splits.train.images_NCHW, arrays["train_images"].transpose(0, 3, 1, 2)
        )


def test_that_findings_are_attributes_and_no_classes(tmp_path: Path) -> None:
    path = med_file(tmp_path, "chest")
    splits = load_splits("medmnist:chest", data_dir=tmp_path)
    assert splits.train.labels_N is None
    assert splits.class_names == ()
    assert splits.attribute_names[6] == "pneumonia"
    with np.load(path) as arrays:
        np.testing.assert_array_equal(splits.test.attributes_NA, arrays["test_labels"])


def test_that_attributes_stay_with_their_pictures(tmp_path: Path) -> None:
    med_file(tmp_path, "chest")
    splits = load_splits("medmnist:chest", data_dir=tmp_path, size=14)
    assert splits.test.shape == (1, 14, 14)
    assert splits.test.take(np.array([3, 1])).attributes_NA.shape == (2, 14)


def test_that_the_folder_of_the_publishers_package_is_looked_in() -> None:
    med_file(Path.home() / ".medmnist", "retina")
    assert is_present("medmnist:retina")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("medmnist:breast,28", "medmnist:breast"), ("medmnist:BreastMNIST", "medmnist:breast"),
        ("medmnist:organa, 224", "medmnist:organa,224"),
    ],
)  # fmt: skip
def test_that_a_set_has_one_spelling(typed: str, name: str) -> None:
    assert resolve(typed) == name


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("medmnist", "MedMNIST is twelve sets; choose medmnist: and one of path, chest"),
        ("medmnist:brest", "no MedMNIST set 'brest'; choose"),
        ("medmnist:breast,32", "28, 64, 128, 224 pixels; '32' is none"),
        ("medmnist:breast", "not on this computer: download it (0.6 MB from zenodo.org)"),
        ("medmnist:nodule3d", "no MedMNIST set"),
    ],
)
def test_that_a_wrong_wish_is_one_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(StudioError) as caught:
        load_splits(typed)
    assert sentence in caught.value.sentence


@pytest.mark.parametrize(
    "other",
    [
        {"test_images": np.zeros((12, 28, 29), np.uint8)},
        {"test_images": np.zeros((12, 28, 28))},
        {"test_images": np.zeros((0, 28, 28), np.uint8), "test_labels": np.zeros((0, 1), int)},
        {"test_labels": np.zeros((11, 1), np.uint8)},
        {"test_labels": np.zeros((12, 2), np.uint8)},
        {"test_labels": np.array([{}] * 12, object)},
        {"test_labels": np.full((12, 1), 2)},
        {"test_labels": np.full((12, 1), -1)},
    ],
)
def test_that_a_file_of_something_else_is_one_sentence(other: dict, tmp_path: Path) -> None:
    med_file(tmp_path, "breast", **other)
    with pytest.raises(StudioError, match=r"breastmnist\.npz'.*get it again"):
        load_splits("medmnist:breast", data_dir=tmp_path)


def test_that_every_cut_of_a_file_is_one_sentence(tmp_path: Path) -> None:
    path = med_file(tmp_path, "breast")
    whole = path.read_bytes()
    for length in (0, 1, 30, 200, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(StudioError, match=r"breastmnist\.npz' is damaged"):
            load_splits("medmnist:breast", data_dir=tmp_path)


def test_that_flipped_bytes_never_crash(tmp_path: Path) -> None:
    path = med_file(tmp_path, "breast")
    whole = bytearray(path.read_bytes())
    draw = np.random.default_rng(0)
    for _ in range(60):
        hurt = whole.copy()
        for at in draw.integers(0, len(hurt), 3):
            hurt[at] ^= int(draw.integers(1, 256))
        path.write_bytes(hurt)
        with suppress(StudioError):  # a sentence, or pictures with a caveat: nothing else
            assert load_splits("medmnist:breast", data_dir=tmp_path).caveat == OTHER_COPY


def test_that_a_set_too_large_for_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch
) -> None:
    med_file(tmp_path, "breast")
    monkeypatch.setattr("vae_studio.data.room.COPIES", 1e12)
    with pytest.raises(StudioError, match=r"BreastMNIST takes .* GB .* choose a smaller size"):
        load_splits("medmnist:breast", data_dir=tmp_path)


def npy_bytes(header: str) -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def test_that_a_header_that_promises_the_earth_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", npy_bytes(header) + b"few")
    with pytest.raises(StudioError, match="promises 1,000,000,000,000 bytes of 3"):
        ArrayFile(path).shapes()


def test_that_objects_are_never_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(StudioError, match=r"a\.npy' .*Python objects, which are never read"):
        ArrayFile(path).shapes()
    buffer = io.BytesIO()
    np.savez(buffer, images=np.zeros(3, np.uint8), extra=np.array([{}], object))
    path.with_suffix(".npz").write_bytes(buffer.getvalue())
    assert list(ArrayFile(path.with_suffix(".npz")).shapes()) == ["images"]
