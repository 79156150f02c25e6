"""Small data sets on disk, made by the test that needs them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_studio.data import search
from vae_studio.data.idx import idx_bytes
from vae_studio.data.idx_source import STEMS

Maker = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_installed_sets(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """Sets that this machine happens to have installed are out of sight."""
    monkeypatch.setattr(search, "DEBIAN_DATASETS", tmp_path_factory.mktemp("debian"))


@pytest.fixture
def idx_folder() -> Maker:
    """Write four IDX files of random pictures: 50 to learn from, 20 to test on."""

    def make(
        folder: Path,
        *,
        ending: str = ".gz",
        test_labels: tuple[int, ...] = (),
        mark: int = 0,
        separator: str = "-",
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(mark)
        for stem, count in zip(STEMS[::2], (50, 20), strict=True):
            pictures = draw.integers(0, 256, (count, 28, 28)).astype(np.uint8)
            pictures[:, 0, 0] = mark
            labels = np.arange(count, dtype=np.uint8) % 10
            if stem.startswith("t10k"):
                labels[: len(test_labels)] = test_labels
            for name, array in (
                (stem, pictures),
                (stem.replace("images-idx3", "labels-idx1"), labels),
            ):
                content = idx_bytes(array)
                path = folder / (name.replace("-idx", f"{separator}idx") + ending)
                path.write_bytes(gzip.compress(content) if ending == ".gz" else content)
        return folder

    return make


@pytest.fixture
def save_picture() -> Callable[..., Path]:
    """Save a random picture of a shape; the ending of the name decides the format."""

    def save(path: Path, shape: tuple[int, ...] = (20, 30), seed: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return save


@pytest.fixture
def class_folder(tmp_path: Path, save_picture: Callable[..., Path]) -> Path:
    """Forty grey pictures in the class folders a/ (10) and b/ (30)."""
    folder = tmp_path / "scans"
    for name, count in (("a", 10), ("b", 30)):
        for number in range(count):
            save_picture(folder / name / f"{number}.png", seed=number + 100 * (name == "b"))
    return folder
