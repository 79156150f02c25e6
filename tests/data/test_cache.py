"""Large sets of files: prepared once, known again, and never taken for what they are not."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data import cache
from vae_studio.data.cache_file import PictureFile, blocks_of, file_behind
from vae_studio.data.cache_lock import alone_in
from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits
from vae_studio.data.patients import mark
from vae_studio.data.progress import LoadCancelled
from vae_studio.domain.errors import DiskError, StudioError


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FROM_PICTURES", 0)


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are decoded, as they are."""
    from vae_studio.data import folder

    seen: list[Path] = []
    decode = folder.decode_picture

    def noted(path: Path, **options: object) -> np.ndarray:
        seen.append(path)
        return decode(path, **options)

    monkeypatch.setattr(folder, "decode_picture", noted)
    return seen


@pytest.fixture
def coloured(tmp_path: Path, save_picture) -> Path:
    """200 pictures in colour in two classes, three of them bad."""
    for number in range(200):
        save_picture(tmp_path / "many" / "ab"[number % 2] / f"{number}.png", (20, 20, 3), number)
    for number in (3, 90, 199):
        (tmp_path / "many" / "ab"[number % 2] / f"{number}.png").write_bytes(b"no picture")
    return tmp_path / "many"


def in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch, **wishes: int) -> DataSplits:
    with monkeypatch.context() as patch:
        patch.setattr(cache, "FROM_PICTURES", 10**9)
        return load_splits(str(folder), **wishes)


def cached_files(kind: str) -> list[Path]:
    return sorted(cache.cache_home().glob(f"*/{kind}"))


@pytest.mark.parametrize("wishes", [{}, {"size": 16}, {"seed": 3, "validation": 5}])
def test_that_prepared_pictures_are_those_that_memory_would_hold(
    coloured: Path, wishes: dict, monkeypatch
) -> None:
    prepared, plain = (
        load_splits(str(coloured), **wishes),
        in_memory(coloured, monkeypatch, **wishes),
    )
    assert prepared.fingerprint == plain.fingerprint
    assert prepared.notes == plain.notes
    for ours, theirs in zip(prepared.parts.values(), plain.parts.values(), strict=True):
        assert file_behind(ours.images_NCHW) is not None
        np.testing.assert_array_equal(ours.images_NCHW, theirs.images_NCHW)
        assert ours.labels_N.tolist() == theirs.labels_N.tolist()
        assert ours.names_N.tolist() == theirs.names_N.tolist()


def test_that_grey_stored_in_colour_takes_one_channel(tmp_path: Path, monkeypatch) -> None:
    for value in range(12):
        Image.new("RGB", (9, 9), (value,) * 3).save(tmp_path / f"{value}.png")
    prepared = load_splits(str(tmp_path), size=8)
    assert prepared.train.shape == (1, 8, 8)
    assert prepared.notes == in_memory(tmp_path, monkeypatch, size=8).notes
    assert prepared.fingerprint == in_memory(tmp_path, monkeypatch, size=8).fingerprint


def test_that_nothing_is_decoded_twice(coloured: Path, decodes: list[Path]) -> None:
    first = load_splits(str(coloured))
    assert len(decodes) == 200
    assert load_splits(str(coloured)).fingerprint == first.fingerprint
    other = load_splits(str(coloured), seed=4)  # other splits: another order, no decoding
    assert other.fingerprint != first.fingerprint
    assert load_splits(str(coloured)).fingerprint == first.fingerprint
    assert len(decodes) == 200
    assert len(cached_files("*.u8")) == 1  # and the old order is gone


def test_that_the_fingerprint_is_found_once(coloured: Path, monkeypatch) -> None:
    load_splits(str(coloured))
    monkeypatch.setattr(cache, "fingerprint_of", lambda *_: pytest.fail("read everything again"))
    load_splits(str(coloured))


@pytest.mark.parametrize("change", ["pixels", "one more", "one less", "touched"])
def test_that_a_changed_folder_is_prepared_anew(
    change: str, coloured: Path, decodes: list[Path], save_picture, monkeypatch
) -> None:
    before = load_splits(str(coloured))
    target = coloured / "a" / "10.png"
    if change == "pixels":
        save_picture(target, (20, 20, 3), seed=999)
    elif change == "one more":
        save_picture(coloured / "a" / "1000.png", (20, 20, 3), seed=1000)
    elif change == "one less":
        target.unlink()
    os.utime(coloured / "a" / "12.png", ns=(1, 1))
    decodes.clear()
    after = load_splits(str(coloured))
    assert decodes
    assert (after.fingerprint == before.fingerprint) == (change == "touched")
    assert after.fingerprint == in_memory(coloured, monkeypatch).fingerprint
    assert len(cached_files("*.u8")) == 1


def test_that_a_cancelled_preparation_goes_on_where_it_was(
    coloured: Path, decodes: list[Path], monkeypatch
) -> None:
    with pytest.raises(LoadCancelled):
        load_splits(str(coloured), progress=lambda share, _: share < 0.5)
    done = len(decodes)
    assert 64 <= done < 200
    told: list[str] = []
    after = load_splits(str(coloured), progress=lambda _, words: told.append(words) or True)
    assert len(decodes) == 200
    assert told[0] == f"Read {done} of 200 pictures"
    assert after.fingerprint == in_memory(coloured, monkeypatch).fingerprint


def test_that_a_journal_that_promises_too_much_is_not_believed(coloured: Path, monkeypatch) -> None:
    with pytest.raises(LoadCancelled):
        load_splits(str(coloured), progress=lambda share, _: share < 0.5)
    os.truncate(cached_files("decoded.part")[0], 100)
    after = load_splits(str(coloured))
    assert after.fingerprint == in_memory(coloured, monkeypatch).fingerprint


@pytest.mark.parametrize("name", ["manifest.json", "known-*.npz", "*.u8"])
@pytest.mark.parametrize("damage", ["gone", "cut", "text"])
def test_that_a_damaged_cache_is_made_anew(
    name: str, damage: str, coloured: Path, monkeypatch
) -> None:
    before = load_splits(str(coloured)).fingerprint
    path = cached_files(name)[0]
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:50] if damage == "cut" else b"no such thing")
    assert load_splits(str(coloured)).fingerprint == before


def test_that_the_time_left_is_told(coloured: Path, monkeypatch) -> None:
    monkeypatch.setattr("vae_studio.data.gather.TELLS_AFTER_S", -1.0)
    told: list[str] = []
    load_splits(str(coloured), progress=lambda _, words: told.append(words) or True)
    assert told[1].startswith("Read 64 of 200 pictures, ")
    assert told[1].endswith(" left")


def test_that_a_full_disk_is_one_sentence_and_no_set(coloured: Path, monkeypatch) -> None:
    monkeypatch.setattr(cache, "COPIES", 10**15)
    with pytest.raises(StudioError, match=r"takes .* GB on the disk .* VAE_STUDIO_CACHE"):
        load_splits(str(coloured))
    assert cached_files("*.u8") == []


def test_that_a_disk_that_fills_up_is_one_sentence(coloured: Path, monkeypatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vae_studio.data.cache.os.fsync", full)
    with pytest.raises(DiskError, match="the disk is full"):
        load_splits(str(coloured))
    monkeypatch.undo()
    assert len(load_splits(str(coloured)).train) > 0


def test_that_only_one_program_prepares_a_set(coloured: Path) -> None:
    load_splits(str(coloured))
    with (
        alone_in(cached_files("*.u8")[0].parent),
        pytest.raises(StudioError, match="Another window is preparing the same pictures"),
    ):
        load_splits(str(coloured))


@pytest.mark.skipif(os.name == "nt", reason="this system has no permission bits")
def test_that_prepared_pictures_are_for_nobody_else(coloured: Path, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("VAE_STUDIO_CACHE", str(tmp_path / "elsewhere"))
    load_splits(str(coloured))
    (folder,) = (tmp_path / "elsewhere").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "many" not in (folder / "manifest.json").read_text()  # no name of the person's
    assert json.loads((folder / "manifest.json").read_text())["schema"] == 1


@pytest.fixture
def file(tmp_path: Path) -> PictureFile:
    """50 random pictures of 3 × 4 × 5."""
    pixels = np.random.default_rng(0).integers(0, 256, (50, 3, 4, 5)).astype(np.uint8)
    (tmp_path / "pictures.u8").write_bytes(pixels.tobytes())
    sums_N = np.array([zlib.crc32(picture.data) for picture in pixels], np.uint32)
    return PictureFile(tmp_path / "pictures.u8", (3, 4, 5), 50, sums_N)


def test_that_reading_and_mapping_agree(file: PictureFile) -> None:
    pictures = file.mapped()
    rows = np.array([7, 3, 3, 49, 0])
    read = file.read(rows, np.empty((8, 3, 4, 5), np.uint8))
    np.testing.assert_array_equal(read, pictures[rows])
    part = pictures[10:40][5:20]
    assert file_behind(part) == (file, 15)
    np.testing.assert_array_equal(file.read_slice(15, 30), part)
    np.testing.assert_array_equal(np.concatenate(list(blocks_of(part))), part)


def test_that_copies_and_crops_have_no_file_behind_them(file: PictureFile) -> None:
    pictures = file.mapped()
    for other in (pictures[[1, 2]], pictures[:, :1], pictures[::2], pictures.copy()):
        assert file_behind(other) is None
    np.testing.assert_array_equal(np.concatenate(list(blocks_of(pictures[::2]))), pictures[::2])


@pytest.mark.parametrize("damage", ["rot", "cut"])
def test_that_rot_is_seen_where_it_is_read(damage: str, file: PictureFile) -> None:
    if damage == "cut":
        os.truncate(file.path, 20 * 60)  # a map of it would kill the process
    else:
        with file.path.open("r+b") as opened:
            opened.seek(30 * 60 + 5)
            byte = opened.read(1)[0]
            opened.seek(30 * 60 + 5)
            opened.write(bytes([byte ^ 1]))
    file.read(np.array([4]), np.empty((1, 3, 4, 5), np.uint8))  # this one is good
    with pytest.raises(StudioError, match=r"pictures\.u8' were changed or damaged .* made anew"):
        file.read(np.array([4, 30]), np.empty((2, 3, 4, 5), np.uint8))
    assert not file.path.exists()


def test_that_pictures_of_patients_are_never_kept_beside_their_folder(coloured: Path) -> None:
    name = load_splits(str(coloured)).name
    assert cached_files("*.u8")
    shutil.rmtree(cache.cache_home())
    mark(name, True)
    assert file_behind(load_splits(str(coloured)).train.images_NCHW) is None
    assert not cache.cache_home().exists()
