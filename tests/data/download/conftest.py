"""Every test of downloads asks a mirror on this machine."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.mirrors import (
    Mirror,
)

from vae_studio.data import downloads


@pytest.fixture
def files(tmp_path_factory: pytest.TempPathFactory, idx_folder) -> dict[str, bytes]:
    """The four files as the publisher has them."""
    folder = idx_folder(tmp_path_factory.mktemp("publisher"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    mirror = Mirror(files)
    yield mirror
    mirror.close()


@pytest.fixture
def second_mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    mirror = Mirror(files)
    yield mirror
    mirror.close()


@pytest.fixture(autouse=True)
def plan(mirror: Mirror, files: dict[str, bytes], monkeypatch) -> downloads.DownloadPlan:
    """MNIST comes from the mirror, and its hashes are those of the small files."""
    monkeypatch.setenv("NO_PROXY", "*")
    small = tuple(
        downloads.PublishedFile(
            file.name,
            hashlib.sha256(gzip.decompress(files[file.name])).hexdigest(),
            len(files[file.name]),
        )
        for file in downloads.DOWNLOADS["mnist"].files
    )
    plan = replace(downloads.DOWNLOADS["mnist"], mirrors=(mirror.url,), files=small)
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", plan)
    return plan
