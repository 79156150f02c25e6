"""CelebA in every shape in which people have it, made small."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data.catalog import entries, is_present, load_splits
from vae_studio.data.celeba_lists import read_parts
from vae_studio.domain.errors import StudioError

COUNT = 40
NAMES = ["5_o_Clock_Shadow", "Bald", "Smiling"]
FIRST = 162_751  # twenty for training, twenty for validation; the test begins much later


def number_of(index: int) -> int:
    """Twenty to learn from, ten held out, ten to test on."""
    return FIRST + index if index < 30 else 182_638 + index


def attributes_of(index: int) -> list[int]:
    return [index % 2, index % 3 == 0, 1]


def faces(folder: Path) -> dict[str, bytes]:
    """Portraits whose brightness tells which they are, white where the crop must not reach."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(COUNT):
        pixels = np.full((218, 178, 3), 255, np.uint8)
        pixels[39:179, 19:159] = 5 * index
        Image.fromarray(pixels).save(folder / f"{number_of(index):06}.jpg", quality=95)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write_list(home: Path, *, commas: bool = False) -> None:
    home.mkdir(parents=True, exist_ok=True)
    rows = []
    for index in range(COUNT):
        signs = [2 * int(value) - 1 for value in attributes_of(index)]
        between = "," if commas else "  "
        rows.append(between.join([f"{number_of(index):06}.jpg", *map(str, signs)]))
    if commas:
        head = ["image_id," + ",".join(NAMES)]
        (home / "list_attr_celeba.csv").write_text("\n".join([*head, *rows]))
    else:
        head = [str(COUNT), " ".join(NAMES) + " "]
        (home / "list_attr_celeba.txt").write_text("\n".join([*head, *rows]) + "\n")


@pytest.fixture(params=["zip", "torchvision", "kaggle", "plain"])
def celeba(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    home = tmp_path / "data" / ("plain" if request.param == "plain" else "celeba")
    if request.param == "zip":
        write_list(home)
        with zipfile.ZipFile(home / "img_align_celeba.zip", "w") as archive:
            for name, content in faces(tmp_path / "made").items():
                archive.writestr(f"img_align_celeba/{name}", content)
    elif request.param == "torchvision":
        faces(home / "img_align_celeba")
        write_list(home)
    elif request.param == "kaggle":
        faces(home / "img_align_celeba" / "img_align_celeba")
        write_list(home, commas=True)
    else:
        faces(home)
        write_list(home)
        return home
    return home.parent


def indices(part) -> list[int]:
    return np.rint(part.images_NCHW[:, 0].mean(axis=(1, 2)) / 5).astype(int).tolist()


def test_that_every_shape_of_it_is_read_alike(celeba: Path) -> None:
    splits = load_splits("celeba", data_dir=celeba)
    assert splits.train.shape == (3, 64, 64)
    assert splits.attribute_names == tuple(NAMES)
    assert indices(splits.train) == list(range(20))
    assert indices(splits.validation) == list(range(20, 30))
    assert indices(splits.test) == list(range(30, 40))
    for part in (splits.train, splits.validation, splits.test):
        assert part.labels_N is None
        assert part.attributes_NA.dtype == np.uint8
        assert part.attributes_NA.tolist() == [attributes_of(index) for index in indices(part)]


def test_that_the_middle_is_cut_out_and_nothing_else(celeba: Path) -> None:
    splits = load_splits("celeba", data_dir=celeba, size=128)
    assert splits.train.shape == (3, 128, 128)
    darkest = splits.train.images_NCHW[0]
    assert darkest[:, 8:-8, 8:-8].max() < 8
    assert darkest.max() < 120  # no white edge but for what JPEG blurs into it


def test_that_a_chosen_folder_is_recognised(celeba: Path) -> None:
    home = celeba if celeba.name == "plain" else celeba / "celeba"
    splits = load_splits(str(home))
    assert splits.name == f"folder:{home.name}"
    assert splits.attribute_names == tuple(NAMES)
    assert load_splits("celeba", data_dir=celeba).fingerprint == splits.fingerprint


def test_that_fewer_can_be_asked_for(celeba: Path) -> None:
    splits = load_splits("celeba:24", data_dir=celeba)
    assert splits.name == "celeba:24"
    parts = (splits.train, splits.validation, splits.test)
    assert sum(map(len, parts)) == 24
    assert all(index < 20 for index in indices(splits.train))
    assert is_present("celeba:24", celeba)
    again = load_splits("celeba:24", data_dir=celeba)
    assert again.fingerprint == splits.fingerprint


def test_that_the_publishers_list_of_parts_goes_first(celeba: Path, tmp_path: Path) -> None:
    home = celeba if celeba.name == "plain" else celeba / "celeba"
    lines = [f"{number_of(index):06}.jpg {2 if index < 5 else 0}" for index in range(COUNT)]
    (home / "list_eval_partition.txt").write_text("\n".join(lines))
    splits = load_splits("celeba", data_dir=celeba)
    assert indices(splits.test) == list(range(5))
    assert len(splits.train) + len(splits.validation) == 35


def test_that_the_numbers_say_the_published_parts(tmp_path: Path) -> None:
    names = [f"{number:06}.jpg" for number in (1, 162_770, 162_771, 182_637, 182_638, 202_599)]
    assert read_parts(tmp_path, [*names, "face.jpg"]).tolist() == [
        "train", "train", "validation", "validation", "test", "test", "train",
    ]  # fmt: skip


def test_that_a_part_of_one_part_is_split_by_us(tmp_path: Path) -> None:
    faces(tmp_path)
    write_list(tmp_path)
    for index in range(20, 40):
        (tmp_path / f"{number_of(index):06}.jpg").unlink()
    splits = load_splits("celeba", data_dir=tmp_path)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [17, 1, 2]


def test_that_bad_pictures_are_skipped_and_attributes_stay_with_theirs(tmp_path: Path) -> None:
    faces(tmp_path)
    write_list(tmp_path)
    (tmp_path / f"{number_of(3):06}.jpg").write_bytes(b"no picture")
    (tmp_path / f"{number_of(33):06}.jpg").write_bytes(b"")
    (tmp_path / "unlisted.jpg").write_bytes(b"")
    splits = load_splits("celeba", data_dir=tmp_path)
    assert splits.notes[0] == "2 of 40 pictures were skipped."
    assert indices(splits.train) == [0, 1, 2, *range(4, 20)]
    for part in (splits.train, splits.test):
        assert part.attributes_NA.tolist() == [attributes_of(index) for index in indices(part)]


def test_that_what_is_missing_or_damaged_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"CelebA is not on this computer: get img_align_celeba"):
        load_splits("celeba", data_dir=tmp_path)
    write_list(tmp_path)
    (tmp_path / "img_align_celeba.zip").write_bytes(b"a quota page")
    with pytest.raises(StudioError, match=r"img_align_celeba\.zip' is damaged or no zip"):
        load_splits("celeba", data_dir=tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"40\n",
        b"40\nBald\na.jpg\n",
        b"40\nBald\na.jpg 7\n",
        b"\xff\xfe\x00",
        b"40\nBald\na.jpg x",
    ],
)
def test_that_a_bad_list_is_named(content: bytes, tmp_path: Path) -> None:
    faces(tmp_path)
    (tmp_path / "list_attr_celeba.txt").write_bytes(content)
    with pytest.raises(StudioError, match=r"list_attr_celeba\.txt' is no list"):
        load_splits("celeba", data_dir=tmp_path)


@pytest.mark.parametrize("options", ["many", "0", "-3", "³", "64px"])
def test_that_an_unknown_option_is_one_sentence(options: str) -> None:
    with pytest.raises(StudioError, match="a number may stand there"):
        load_splits(f"celeba:{options}")


def test_that_too_many_for_memory_says_how_to_take_fewer(celeba: Path, monkeypatch) -> None:
    monkeypatch.setattr("vae_studio.data.room.COPIES", 1e12)
    with pytest.raises(StudioError, match=r"CelebA at 64 × 64 takes .* such as celeba:20000"):
        load_splits("celeba", data_dir=celeba)


def test_that_it_is_listed_like_every_other_set() -> None:
    entry = next(entry for entry in entries() if entry.name == "celeba")
    assert not entry.downloadable
    assert "mmlab.ie.cuhk.edu.hk" in entry.by_hand
