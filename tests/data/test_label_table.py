"""A CSV of labels beside or in a folder of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data.catalog import load_splits
from vae_studio.data.splits import drawn_by_group
from vae_studio.domain.errors import StudioError

COUNT = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty pictures; the first pixel of number n is n."""
    folder = tmp_path / "scans"
    for number in range(COUNT):
        path = folder / f"sub {number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), number).save(path)
    return folder


def write(path: Path, head: str, rows: list[str]) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def numbers(part) -> list[int]:
    return part.images_NCHW[:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("file,label", "sub {b}/{n}.png,kind {k}"),
        ("Filename;Class", "{n}.png;kind {k}"),
        ("image_id\tdiagnosis\tage", "{n}\tkind {k}\t33"),
        ("\ufeffpath,target", '"sub {b}\\{n}.png","kind {k}"'),
    ],
)
@pytest.mark.parametrize("place", ["scans/labels.csv", "scans.csv"])
def test_that_labels_come_from_the_table(
    head: str, row: str, place: str, folder: Path, tmp_path: Path
) -> None:
    rows = [row.format(n=n, b=n % 2, k=n % 3) for n in range(COUNT)]
    write(tmp_path / place, head, rows)
    splits = load_splits(str(folder), size=8)
    assert splits.class_names == ("kind 0", "kind 1", "kind 2")
    assert splits.notes == ()
    for part in (splits.train, splits.validation, splits.test):
        assert part.labels_N.tolist() == [n % 3 for n in numbers(part)]


def test_that_a_table_of_any_name_can_be_chosen_itself(folder: Path) -> None:
    table = write(folder / "mine.csv", "file,label", [f"{n}.png,{n % 4}" for n in range(COUNT)])
    splits = load_splits(str(table), size=8)
    assert splits.name == "folder:mine.csv"
    assert len(splits.class_names) == 4


def test_that_what_the_table_and_the_folder_do_not_share_is_told(folder: Path) -> None:
    rows = [f"{n}.png,a" for n in range(20)] + [f"{n}.png,b" for n in range(20, 30)]
    rows += ["gone.png,a", "lost.png,b", "30.png,"]
    write(folder / "labels.csv", "file,label", rows)
    splits = load_splits(str(folder), size=8)
    assert sum(map(len, (splits.train, splits.validation, splits.test))) == 30
    assert splits.notes == (
        "2 of the 33 files in labels.csv are not there, the first being gone.png.",
        "9 pictures that labels.csv does not name are left out.",
        "1 pictures without a label are left out.",
    )


def test_that_a_name_that_two_pictures_share_needs_its_folder(folder: Path) -> None:
    Image.new("L", (8, 8), 99).save(folder / "sub 1" / "0.png")
    rows = [f"{n}.png,{n % 2}" for n in range(COUNT)] + ["sub 1/0.png,1"]
    write(folder / "labels.csv", "file,label", rows)
    splits = load_splits(str(folder), size=8)
    everything = [n for p in (splits.train, splits.validation, splits.test) for n in numbers(p)]
    assert 99 in everything
    assert 0 not in everything
    assert splits.notes[0].endswith("not there, the first being 0.png.")


def test_that_the_table_can_say_the_parts(folder: Path) -> None:
    parts = ["train"] * 30 + ["val"] * 4 + ["test"] * 6
    write(folder / "labels.csv", "file,split", [f"{n}.png,{p}" for n, p in enumerate(parts)])
    splits = load_splits(str(folder), size=8)
    assert sorted(numbers(splits.validation)) == [30, 31, 32, 33]
    assert sorted(numbers(splits.test)) == list(range(34, 40))
    assert splits.train.labels_N is None


def test_that_a_patient_is_never_split(folder: Path) -> None:
    write(folder / "labels.csv", "file,patient", [f"{n}.png,p{n // 4}" for n in range(COUNT)])
    splits = load_splits(str(folder), size=8)
    whose = [{n // 4 for n in numbers(p)} for p in (splits.train, splits.validation, splits.test)]
    assert all(whose)
    assert sum(map(len, whose)) == len(set.union(*whose)) == 10


@pytest.mark.parametrize("sizes", [(1, 1, 1), (50, 1, 1), (1,) * 100, (30, 30, 40), (5, 90, 5)])
def test_that_every_part_has_a_group_and_no_group_two_parts(sizes: tuple[int, ...]) -> None:
    groups = np.repeat([f"g{k}" for k in range(len(sizes))], sizes)
    for seed in range(20):
        parts = drawn_by_group(groups, seed)
        by_part = [set(groups[parts == part]) for part in ("train", "validation", "test")]
        assert all(by_part)
        assert sum(map(len, by_part)) == len(sizes)
    assert (drawn_by_group(groups, 0) == drawn_by_group(groups, 0)).all()


@pytest.mark.parametrize("patients", [1, 2])
def test_that_too_few_patients_are_one_sentence(patients: int, folder: Path) -> None:
    rows = [f"{n}.png,{n % patients}" for n in range(COUNT)]
    write(folder / "labels.csv", "file,patient", rows)
    with pytest.raises(StudioError, match=rf"of {patients} patient.*three are needed"):
        load_splits(str(folder))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "needs a first line with the columns file and label .* it has nothing"),
        (b"a,b\n1,2\n", "it has a, b"),
        (b"file\n1.png\n", "it has file"),
        (b"file,label\n\xff\xfe,3\n", "is no table of text"),
        (b"file,label\n" + b'"' + b"x" * 200_000, "is no table of text"),
        (b"file,label\n", "holds no pictures that can be used"),
        (b"file,label\nx.png,1\n", "holds no pictures that can be used"),
    ],
)
def test_that_a_bad_table_is_one_sentence(content: bytes, sentence: str, folder: Path) -> None:
    (folder / "labels.csv").write_bytes(content)
    with pytest.raises(StudioError, match=sentence) as caught:
        load_splits(str(folder))
    assert "scans" in caught.value.sentence


def test_that_a_window_holds_for_deep_pictures_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    for number in range(20):
        value = (100, 1000, 1100, 1200, 60_000)[number % 5]
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(folder / f"{number}.png")
        Image.fromarray(np.full((8, 8), value, np.uint16)).save(folder / f"{number}.tif")
    splits = load_splits(f"{folder},window=200,level=1100", size=8)
    assert splits.title == "deep (window 200, level 1100)"
    parts = (splits.train, splits.validation, splits.test)
    assert sorted({n for part in parts for n in numbers(part)}) == [0, 128, 255]
