"""Pictures for tests: a few hundred of the bundled ones, and the large sets where they exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vae_studio.data.image_set import DataSplits, ImageSet

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top folder of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real MNIST beside the checkout; the test is skipped where there is none."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not (folder / "MNIST").is_dir():
        pytest.skip("no ../shared/data with MNIST beside the checkout")
    return folder


@pytest.fixture(scope="session")
def tiny_splits() -> DataSplits:
    """Real pictures of the bundled set: 384 to learn from, 64 held out, 128 to test on."""
    from dataclasses import replace

    from vae_studio.data.catalog import load_splits

    whole = load_splits("fashion-mini")
    return replace(
        whole,
        train=_first(whole.train, 384),
        validation=_first(whole.validation, 64),
        test=_first(whole.test, 128),
    )


def _first(images: ImageSet, count: int) -> ImageSet:
    from vae_studio.data.image_set import ImageSet

    labels = images.labels_N
    return ImageSet(images.images_NCHW[:count].copy(), None if labels is None else labels[:count])
