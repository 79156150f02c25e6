"""Folders as people have them: one clear sentence each, and training runs on what is good."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data import cache
from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits
from vae_studio.domain.config import RunConfig, TrainConfig
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import RunFinished


@pytest.fixture(params=["in memory", "prepared"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which pictures are loaded."""
    monkeypatch.setattr(cache, "FROM_PICTURES", 0 if request.param == "prepared" else 10**9)
    return request.param


def fill(folder: Path, count: int = 24, value: int | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    for number in range(count):
        pixels = draw.integers(0, 256, (12, 12)).astype(np.uint8)
        if value is not None:
            pixels[:] = value
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def trains_on(splits: DataSplits) -> bool:
    """Whether a short run on these pictures ends well, with finite numbers."""
    from vae_studio.engine.trainer import Trainer

    config = RunConfig(train=TrainConfig(epochs=1, batch_size=8, device="cpu", precision="fp32"))
    *_, last = Trainer(config, splits).run()
    return isinstance(last, RunFinished)


def test_that_all_black_pictures_train(way: str, tmp_path: Path) -> None:
    splits = load_splits(str(fill(tmp_path / "black", value=0)), size=8)
    assert splits.train.images_NCHW.max() == 0
    assert trains_on(splits)


def test_that_one_class_is_no_class(way: str, tmp_path: Path) -> None:
    fill(tmp_path / "set" / "cats")
    splits = load_splits(str(tmp_path / "set"), size=8)
    assert splits.class_names == ()
    assert splits.train.labels_N is None
    assert trains_on(splits)


@pytest.mark.parametrize(("count", "found"), [(0, "no pictures"), (1, "one picture")])
def test_that_a_folder_with_next_to_nothing_is_named(
    way: str, count: int, found: str, tmp_path: Path
) -> None:
    fill(tmp_path / "few", count)
    with pytest.raises(StudioError, match=rf"few' holds {found} that can be used"):
        load_splits(str(tmp_path / "few"))


def test_that_only_bad_files_are_one_sentence(way: str, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(StudioError, match=r"12 could not be read, the first being 0\.png: it is"):
        load_splits(str(tmp_path))


def test_that_a_file_that_vanishes_while_loading_is_skipped_by_name(
    way: str, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "set")
    (folder / "gone.png").write_bytes((folder / "0.png").read_bytes())

    def vanishing(share: float, sentence: str) -> bool:
        if sentence.startswith("Read 0"):
            (folder / "gone.png").unlink()
            (folder / "3.png").write_bytes(b"rotten")
        return True

    splits = load_splits(str(folder), size=8, progress=vanishing)
    assert splits.notes[0] == "2 of 25 pictures were skipped."
    assert "gone.png: it is not a file (any more)." in splits.notes
    assert any(note.startswith("3.png: it is not a picture") for note in splits.notes)
    assert trains_on(splits)


def test_that_files_that_vanish_during_an_epoch_are_not_missed(way: str, tmp_path: Path) -> None:
    folder = fill(tmp_path / "set")
    splits = load_splits(str(folder), size=8)
    for path in folder.iterdir():
        path.unlink()
    assert trains_on(splits)


def test_that_long_and_foreign_names_load_and_are_told(way: str, tmp_path: Path) -> None:
    folder = fill(tmp_path / "ünï 猫 🎈" / ("long " * 40).strip())
    for name in ("日本語.png", "emoji 🎈.png", "a" * 240 + ".png", "two\nlines.png", "= 1+1.png"):
        (folder / name).write_bytes((folder / "1.png").read_bytes())
    (folder / ("b" * 240 + ".png")).write_bytes(b"rotten")
    splits = load_splits(str(folder), size=8)
    assert sum(map(len, splits.parts.values())) == 29
    assert any(note.startswith("b" * 240) for note in splits.notes)
    assert not any("\n" in note for note in splits.notes)


@pytest.mark.skipif(os.name == "nt", reason="this system takes no such path")
def test_that_a_path_longer_than_the_system_allows_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        load_splits(str(tmp_path / ("x" * 300)))
    assert "\n" not in caught.value.sentence


def test_that_a_table_that_names_missing_files_says_which(way: str, tmp_path: Path) -> None:
    folder = fill(tmp_path / "set")
    lines = [
        "file,label",
        *(f"{n}.png,{'ab'[n % 2]}" for n in range(24)),
        "no such.png,a",
        "x.png,b",
    ]
    (folder / "labels.csv").write_text("\n".join(lines))
    splits = load_splits(str(folder), size=8)
    assert any(
        note == "2 of the 26 files in labels.csv are not there, the first being no such.png."
        for note in splits.notes
    )
    assert trains_on(splits)


def test_that_a_closed_sub_folder_is_told_and_the_rest_trains(
    way: str, tmp_path: Path, monkeypatch
) -> None:
    fill(tmp_path / "set" / "open")
    fill(tmp_path / "set" / "shut", 3)
    walk = os.scandir

    def closed(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return walk(path)

    monkeypatch.setattr(os, "scandir", closed)
    splits = load_splits(str(tmp_path / "set"), size=8)
    assert "shut/ was skipped: permission denied." in splits.notes
    assert trains_on(splits)
