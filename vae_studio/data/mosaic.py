"""Bundled sets: small grey pictures side by side in one PNG, which anybody can look at.

PNG's row filters make Fashion-MNIST smaller than gzip does, and it loads three times as fast as xz.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.idx import idx_bytes, read_idx
from vae_studio.data.image_set import ImageSet, Labels, Pictures
from vae_studio.data.progress import Progress, report
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown, write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.resources import resource

COLUMNS = 100
PARTS = ("train", "test")


@dataclass(frozen=True)
class MosaicSource:
    """A set that lies in the package: ``train.png`` and ``test.png`` with their labels as IDX.

    ``side`` is the width and height of one picture in pixels.
    """

    entry: DataEntry
    side: int
    class_names: tuple[str, ...]

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The bundled folder; no folder of the machine can take its place."""
        place = resource("data", self.entry.name)
        return place if all((place / f"{part}.png").is_file() for part in PARTS) else None

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Training and test pictures; raises StudioError when the installation is damaged."""
        report(progress, 0.0, f"Reading {self.entry.title}")
        train, test = (read_mosaic(place, part, self.side) for part in PARTS)
        return SourcePictures(train, test, class_names=self.class_names)


def read_mosaic(place: Path, part: str, side: int) -> ImageSet:
    """The pictures of one part ("train", "test"), row by row, and their labels."""
    from PIL import Image  # here, because the catalog is read before the first paint

    labels_N = read_idx(place / f"{part}-labels.idx").astype(np.int64)
    path = place / f"{part}.png"
    try:
        mosaic = np.asarray(Image.open(path, formats=["PNG"]))
        tiles = mosaic.reshape(-1, side, mosaic.shape[1] // side, side).swapaxes(1, 2)
        return ImageSet(tiles.reshape(len(labels_N), 1, side, side).copy(), labels_N)
    except (OSError, SyntaxError, ValueError, IndexError):
        raise StudioError(f"'{shown(path)}' is damaged; install VAE Studio again.") from None


def write_mosaic(place: Path, part: str, pictures_NHW: Pictures, labels_N: Labels) -> None:
    """Write what ``read_mosaic`` reads; the number of pictures is a multiple of COLUMNS."""
    from PIL import Image

    side = pictures_NHW.shape[1]
    rows = pictures_NHW.reshape(-1, COLUMNS, side, side).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(rows.reshape(-1, COLUMNS * side)).save(file, "PNG", optimize=True)
    write_atomically(place / f"{part}.png", file.getvalue())
    write_atomically(place / f"{part}-labels.idx", idx_bytes(labels_N.astype(np.uint8)))
