"""The bundled set is what its script cuts from the published one, to the pixel."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from vae_studio.data.mosaic import COLUMNS, read_mosaic, write_mosaic
from vae_studio.domain.errors import StudioError
from vae_studio.resources import resource

INSTALLED = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="module")
def script(checkout: Path) -> ModuleType:
    path = checkout / "packaging" / "make_fashion_mini.py"
    spec = importlib.util.spec_from_file_location("make_fashion_mini", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_that_the_bundled_set_is_cut_from_the_published_one(script: ModuleType) -> None:
    if not INSTALLED.is_dir():
        pytest.skip("dataset-fashion-mnist is not installed")
    train_pictures, train_labels, test_pictures, test_labels = script.verified(INSTALLED)
    parts = {"train": (train_pictures, train_labels), "test": (test_pictures, test_labels)}
    for part, (pictures, labels) in parts.items():
        bundled = read_mosaic(resource("data", "fashion-mini"), part, 28)
        chosen = script.balanced(labels, script.PER_CLASS[part], part)
        np.testing.assert_array_equal(bundled.images_NCHW[:, 0], pictures[chosen])
        np.testing.assert_array_equal(bundled.labels_N, labels[chosen])


def test_that_another_source_is_refused(script: ModuleType, tmp_path: Path, idx_folder) -> None:
    with pytest.raises(SystemExit, match=r"train-images-idx3-ubyte.gz is not the published file"):
        script.verified(idx_folder(tmp_path))


def test_that_a_mosaic_comes_back_in_order(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2 * COLUMNS, 5, 5)).astype(np.uint8)
    labels = np.arange(2 * COLUMNS) % 7
    write_mosaic(tmp_path, "train", pictures, labels)
    back = read_mosaic(tmp_path, "train", 5)
    np.testing.assert_array_equal(back.images_NCHW[:, 0], pictures)
    np.testing.assert_array_equal(back.labels_N, labels)


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_that_a_damaged_installation_is_named(damage: str, tmp_path: Path) -> None:
    place = shutil.copytree(resource("data", "fashion-mini"), tmp_path / "mini")
    picture = place / "test.png"
    whole = picture.read_bytes()
    changes = {"cut": whole[:-1000], "gone": None, "other": (place / "LICENSE.txt").read_bytes()}
    picture.unlink()
    if changes[damage] is not None:
        picture.write_bytes(changes[damage])
    with pytest.raises(StudioError, match=r"test\.png' is damaged; install VAE Studio again"):
        read_mosaic(place, "test", 28)
