"""A folder of the user's own: what is taken, what is skipped and why, and how it is split."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data import layout
from vae_studio.data.catalog import is_present, load_splits
from vae_studio.data.layout import find_pictures, layout_of
from vae_studio.data.progress import LoadCancelled
from vae_studio.domain.errors import StudioError


def test_that_class_folders_are_labels_and_every_class_gives_a_tenth(class_folder: Path) -> None:
    splits = load_splits(str(class_folder))
    assert splits.name == "folder:scans"
    assert splits.title == "scans"
    assert splits.class_names == ("a", "b")
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [33, 3, 4]
    assert np.bincount(splits.test.labels_N).tolist() == [1, 3]
    assert splits.train.shape == (1, 64, 64)
    assert splits.notes == ()


def test_that_each_picture_keeps_its_own_label(tmp_path: Path) -> None:
    for value in range(20):
        path = tmp_path / "s" / f"class {value % 2}" / f"{value}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), value).save(path)
    splits = load_splits(str(tmp_path / "s"), size=8)
    for part in (splits.train, splits.validation, splits.test):
        assert part.labels_N.tolist() == (part.images_NCHW[:, 0, 0, 0] % 2).tolist()
    values = [
        v for p in (splits.train, splits.validation, splits.test) for v in p.images_NCHW[:, 0, 0, 0]
    ]
    assert sorted(values) == list(range(20))


def test_that_the_same_folder_gives_the_same_splits_under_another_path(
    class_folder: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(class_folder, tmp_path / "elsewhere" / "scans")
    assert load_splits(str(class_folder)).fingerprint == load_splits(str(moved)).fingerprint
    assert (
        load_splits(str(class_folder)).fingerprint
        != load_splits(str(class_folder), seed=1).fingerprint
    )


@pytest.mark.parametrize("size", [8, 20, 64])
def test_that_the_central_square_is_scaled_to_the_size(size: int, tmp_path: Path) -> None:
    bars = np.zeros((40, 100), np.uint8)
    bars[:, 30:70] = 255  # the central square is white, what is cut off is black
    for number in range(10):
        Image.fromarray(bars).save(tmp_path / f"{number}.png")
    splits = load_splits(str(tmp_path), size=size)
    assert splits.train.shape == (1, size, size)
    assert splits.train.images_NCHW.min() == 255
    assert splits.train.labels_N is None
    assert splits.class_names == ()


def test_that_one_coloured_picture_makes_the_set_coloured(class_folder: Path, save_picture) -> None:
    save_picture(class_folder / "a" / "colour.jpg", (20, 20, 3))
    splits = load_splits(str(class_folder), size=16)
    assert splits.train.shape == (3, 16, 16)


def test_that_grey_pictures_stored_as_colour_use_one_channel(tmp_path: Path) -> None:
    for number in range(10):
        Image.new("RGB", (9, 9), (number, number, number)).save(tmp_path / f"{number}.png")
    splits = load_splits(str(tmp_path), size=8)
    assert splits.train.shape == (1, 8, 8)
    assert any("only grey" in note for note in splits.notes)


def test_that_bad_files_are_skipped_and_listed_with_their_reasons(
    class_folder: Path, save_picture
) -> None:
    good = load_splits(str(class_folder))
    cut = save_picture(class_folder / "a" / "cut.png", (50, 50))
    cut.write_bytes(cut.read_bytes()[:900])
    (class_folder / "a" / "empty.jpg").touch()
    (class_folder / "b" / "text.png").write_text("this is no picture")
    save_picture(class_folder / "b" / "real.png").rename(class_folder / "b" / "wrong.jpg")
    (class_folder / "b" / "notes.txt").write_text("read me")
    splits = load_splits(str(class_folder))
    assert splits.fingerprint == good.fingerprint
    assert splits.notes[0] == "4 of 44 pictures were skipped."
    listed = "\n".join(splits.notes)
    for line in (
        "a/cut.png: it is cut off before its end.",
        "a/empty.jpg: it is empty.",
        "b/text.png: it is not a picture in a known format",
        "b/wrong.jpg: its name says .jpg but it is a PNG file; rename it.",
        "1 other file is not a picture.",
    ):
        assert line in listed
    assert str(class_folder) not in listed  # notes travel with the run, paths must not


def test_that_a_thousand_bad_files_do_not_make_a_thousand_notes(class_folder: Path) -> None:
    for number in range(150):
        (class_folder / f"{number}.png").touch()
    notes = load_splits(str(class_folder)).notes
    assert notes[0] == "150 of 190 pictures were skipped."
    assert notes[101] == "and 50 more."
    assert len(notes) == 102


@pytest.mark.parametrize(
    ("count", "words"), [(0, "no pictures"), (1, "one picture"), (9, "9 pictures")]
)
def test_that_too_few_pictures_are_refused(count: int, words: str, tmp_path, save_picture) -> None:
    for number in range(count):
        save_picture(tmp_path / f"{number}.png")
    with pytest.raises(StudioError, match=f"holds {words} that can be used; at least 10"):
        load_splits(str(tmp_path))


def test_that_a_folder_of_only_bad_files_says_why(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(
        StudioError, match=r"12 could not be read, the first being 0\.png: it is empty"
    ):
        load_splits(str(tmp_path))


def test_that_a_closed_folder_is_named_with_the_cause(class_folder: Path, monkeypatch) -> None:
    walk = os.scandir

    def closed(path):
        if str(path) == str(class_folder):
            raise PermissionError(13, "Permission denied", str(path))
        return walk(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(
        StudioError, match=r"scans' could not be read: this account has no permission"
    ):
        load_splits(str(class_folder))


def test_that_a_closed_class_folder_is_skipped_and_listed(class_folder: Path, monkeypatch) -> None:
    walk = os.scandir

    def closed(path):
        if str(path) == str(class_folder / "a"):
            raise PermissionError(13, "Permission denied", str(path))
        return walk(path)

    monkeypatch.setattr(os, "scandir", closed)
    splits = load_splits(str(class_folder))
    assert splits.notes == ("a/ was skipped: permission denied.",)
    assert len(splits.test) == 3


def test_that_loading_a_folder_can_be_cancelled_midway(class_folder: Path, monkeypatch) -> None:
    monkeypatch.setattr("vae_studio.data.gather.AT_ONCE", 10)
    shares: list[float] = []

    def twice(share: float, sentence: str) -> bool:
        shares.append(share)
        return len(shares) < 3

    with pytest.raises(LoadCancelled):
        load_splits(str(class_folder), progress=twice)
    assert shares == [0.0, 0.25, 0.5]


def paths(*names: str) -> list[Path]:
    return [Path(name) for name in names]


def test_that_numbers_are_sorted_as_a_person_would(tmp_path: Path, save_picture) -> None:
    for name in ("s10/1.png", "s2/10.png", "s2/9.png", "S1/a.png"):
        save_picture(tmp_path / name)
    found, notes = find_pictures(tmp_path)
    assert [path.as_posix() for path in found] == ["S1/a.png", "s2/9.png", "s2/10.png", "s10/1.png"]
    assert notes == []


def test_that_hidden_files_and_links_to_folders_are_left_alone(
    class_folder: Path, tmp_path
) -> None:
    shutil.copytree(class_folder, class_folder / ".thumbnails")
    shutil.copytree(class_folder, class_folder / "__MACOSX")
    if hasattr(os, "symlink") and sys.platform != "win32":
        (class_folder / "loop").symlink_to(class_folder)
    assert len(find_pictures(class_folder)[0]) == 40


def test_that_pictures_beside_class_folders_mean_no_classes() -> None:
    answer = layout_of(paths("a/1.png", "b/1.png", "1.png"))
    assert answer.labels_N is None
    assert answer.notes == (
        "1 of the pictures lie in no sub-folder, so sub-folders are no classes.",
    )


def test_that_train_and_test_folders_are_a_split_and_no_classes() -> None:
    answer = layout_of(
        paths("Train/cat/1.png", "Train/dog/x/2.png", "test/dog/3.png", "val/cat/4.png")
    )
    assert answer.parts_N.tolist() == ["train", "train", "test", "validation"]
    assert answer.class_names == ("cat", "dog")
    assert answer.labels_N.tolist() == [0, 1, 1, 0]


def test_that_a_split_without_test_is_judged_by_its_validation() -> None:
    assert layout_of(paths("train/1.png", "val/2.png")).parts_N.tolist() == ["train", "test"]


@pytest.mark.parametrize(
    "names", [("test/1.png", "val/2.png"), ("train/1.png", "cat/2.png"), ("train/1.png", "2.png")]
)
def test_that_other_folders_are_no_split(names: tuple[str, ...]) -> None:
    assert set(layout_of(paths(*names)).parts_N) == {""}


def test_that_a_folder_with_its_own_split_keeps_it(tmp_path: Path, save_picture) -> None:
    for part, count in (("train", 20), ("val", 6), ("test", 5)):
        for number in range(count):
            save_picture(tmp_path / part / f"{number}.png")
    splits = load_splits(str(tmp_path))
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [20, 6, 5]


def test_that_names_of_any_bytes_are_shown_as_plain_text() -> None:
    assert layout.plain(Path("a\n\x1b[31mb\udcff.png")) == "a��[31mb�.png"


def test_that_odd_names_load(tmp_path: Path, save_picture) -> None:
    odd = ["Grüße 猫.png", "x" * 240 + ".png", "CON.png", " lead.png", "quote'\".png", "a;b&c.png"]
    if sys.platform == "win32":
        odd = odd[:1]
    for number, name in enumerate(odd + [f"{n}.png" for n in range(10)]):
        save_picture(tmp_path / "猫 und Hunde" / name, seed=number)
    splits = load_splits(str(tmp_path / "猫 und Hunde"))
    assert splits.name == "folder:猫 und Hunde"
    assert splits.notes == ()


def test_that_a_folder_is_present_until_it_is_gone(class_folder: Path) -> None:
    name = load_splits(str(class_folder)).name
    assert is_present(name)
    shutil.rmtree(class_folder)
    assert not is_present(name)
    with pytest.raises(StudioError, match=r"'scans' are no longer at .*put them back"):
        load_splits(name)


def test_that_real_faces_load(shared_data: Path) -> None:
    splits = load_splits(str(shared_data / "faces-orl"))
    assert splits.train.shape == (1, 64, 64)
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [308, 34, 38]
    assert np.bincount(splits.test.labels_N).tolist() == [1] * 38
    assert splits.class_names[:2] == ("s3", "s4")
