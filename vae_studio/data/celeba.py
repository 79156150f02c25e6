"""CelebA: faces with 40 attributes, from the zip, from its folder, or from any folder of its JPEGs.

Z. Liu et al. 2015, "Deep Learning Face Attributes in the Wild", arXiv 1411.7766.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vae_studio.data.celeba_lists import LISTS, list_of
from vae_studio.data.progress import Progress
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.errors import StudioError

NAME = "celeba"
DEFAULT_SIZE = 64
ZIP, FOLDER = "img_align_celeba.zip", "img_align_celeba"
#: Where the pictures lie, seen from the list of attributes: as unpacked, as Kaggle nests them, the
#: zip itself, and a plain folder.
PICTURES = (FOLDER, f"{FOLDER}/{FOLDER}", ZIP, "")

ENTRY = DataEntry(
    name=NAME,
    title="CelebA",
    help="202,599 faces with 40 attributes each, cut to the middle and shrunk to 64 × 64 (or the "
    "size you set) in colour. The zip, its folder, or any folder of its JPEGs beside "
    "list_attr_celeba.txt. `celeba:20000` takes so many of them.",
    licence="non-commercial research only, MMLAB CUHK (Z. Liu et al. 2015)",
    by_hand=f"get {ZIP} and {LISTS[0]} from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html, put "
    "both into a folder and name that with --data-dir or VAE_STUDIO_DATA",
)


@dataclass(frozen=True)
class CelebaSource:
    """CelebA with pictures of ``size`` × ``size`` pixels (0: DEFAULT_SIZE), at most ``most`` of
    them (0: all), drawn with ``seed``. ``place``: the pictures the person pointed at.
    """

    entry: DataEntry = ENTRY
    size: int = 0
    seed: int = 0
    most: int = 0
    place: Path | None = None

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The pictures (a folder or the zip) that a list of attributes lies with."""
        homes = (root / below for root in roots for below in (NAME, "CelebA", ""))
        return self.place or next(filter(None, map(pictures_with_list, homes)), None)

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """The pictures that are there, in the publishers' own split as far as it holds."""
        from vae_studio.data.celeba_reader import read_celeba  # with Pillow

        side = self.size or DEFAULT_SIZE
        return read_celeba(place, side=side, most=self.most, seed=self.seed, progress=progress)


def celeba_source(options: str, size: int = 0, seed: int = 0) -> CelebaSource:
    """The source of "celeba:OPTIONS": nothing, or how many pictures."""
    if not options:
        return CelebaSource(ENTRY, size, seed)
    if not options.isascii() or not options.isdigit() or not int(options):
        raise StudioError(
            f"'{NAME}:{options}' is unknown; a number may stand there, such as {NAME}:20000."
        )
    most = int(options)
    entry = replace(ENTRY, name=f"{NAME}:{most}", title=f"CelebA ({most:,} pictures)")
    return CelebaSource(entry, size, seed, most)


def pictures_with_list(home: Path) -> Path | None:
    """The pictures that lie with the list of attributes in ``home``, if both do."""
    if list_of(home) is None:
        return None
    for name in PICTURES:
        place = home / name
        if name == ZIP and os.path.isfile(place):
            return place
        if os.path.isdir(place) and _has_jpeg(place):
            return place
    return None


def _has_jpeg(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.lower().endswith(".jpg") for entry in entries)
    except OSError:
        return False
