"""Reading CelebA: the middle of every face, the attributes, and the publishers' split.

The middle 140 of 178 × 218 pixels are cut out, as usual for VAEs (Tolstikhin et al. 2018,
arXiv 1711.01558).
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from vae_studio.data import cache
from vae_studio.data.cache_rows import Selection
from vae_studio.data.celeba_lists import AttributeTable, list_of, read_attributes, read_parts
from vae_studio.data.gather import DecodeFile, check_count, decoded, skipped
from vae_studio.data.image_set import ImageSet, Pictures
from vae_studio.data.progress import Progress, report
from vae_studio.data.room import check_room
from vae_studio.data.source import SourcePictures
from vae_studio.data.splits import drawn_for_test
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.imaging.decode import PictureRefused, decode_bytes, decode_picture
from vae_studio.imaging.resize import resized_to_square

CROP = 140  # of 178 × 218: the face without most of the background
MOST_FILE_BYTES = 1 << 24  # of a JPEG in the zip; the largest has 30 kB


def read_celeba(
    place: Path, *, side: int, most: int, seed: int, progress: Progress | None = None
) -> SourcePictures:
    """The pictures in a folder or zip with ``side`` × ``side`` pixels, at most ``most`` of them (0:
    all), drawn with ``seed``. Raises StudioError naming what is missing or damaged.
    """
    report(progress, 0.0, "Reading the attributes")
    home = next((home for home in (place, *place.parents[:2]) if list_of(home)), place.parent)
    listed = list_of(home)
    if listed is None:
        raise StudioError(f"'{shown(home)}' no longer holds the list of attributes.")
    table = read_attributes(listed)
    with _Shelf(place) as shelf:
        names = _drawn(shelf.names(), table, most, seed)
        check_count(place, len(names), {})
        rows, refused = _read(place, names, shelf, side, progress)
    kept_N = np.array([at for at, name in enumerate(names) if name not in refused], np.intp)
    check_count(place, len(kept_N), refused)
    listed_N = [name.name for name in names]
    if isinstance(rows, Selection):  # holds no row for what was refused
        listed_N, rows_N = [listed_N[at] for at in kept_N], np.arange(len(kept_N))
    else:
        rows_N = kept_N
    whole = ImageSet(rows, attributes_NA=table.of(listed_N))  # type: ignore[arg-type]
    parts_N = _parts(home, names, seed)[kept_N]
    train, validation, test = (
        whole.take(rows_N[parts_N == part]) for part in ("train", "validation", "test")
    )
    return SourcePictures(
        train,
        test,
        validation if len(validation) else None,
        notes=skipped(refused, len(names)),
        attribute_names=table.names,
    )


def _read(
    place: Path, names: Sequence[Path], shelf: _Shelf, side: int, progress: Progress | None
) -> tuple[Pictures | Selection, dict[Path, str]]:
    """The pictures, a few in memory and many on the disk, and why some cannot be read."""

    def face_in(name: Path) -> Pictures:
        return resized_to_square(_middle(shelf.picture(name.name))[None], side)

    if len(names) >= cache.FROM_PICTURES:
        recipe = cache.Recipe(place, side, f"middle {CROP}", in_colour=True)
        ready = cache.prepared(names, face_in, recipe, progress)
        return ready.images, ready.refused
    needed = len(names) * 3 * side * side
    check_room(needed, f"CelebA at {side} × {side}", "take fewer, such as celeba:20000")
    images_NCHW = np.empty((len(names), 3, side, side), np.uint8)
    slots = {name: slot for slot, name in enumerate(names)}
    return images_NCHW, decoded(names, _into(images_NCHW, slots, face_in), progress)[1]


def _drawn(names: Sequence[str], table: AttributeTable, most: int, seed: int) -> list[Path]:
    """The pictures with attributes, in order; ``most`` of them where there are more."""
    known = sorted(name for name in names if name in table)
    if most and most < len(known):
        draw = np.random.default_rng(seed_for(seed, "celeba"))
        known = [known[at] for at in np.sort(draw.permutation(len(known))[:most])]
    return [Path(name) for name in known]


def _parts(home: Path, names: Sequence[Path], seed: int) -> NDArray[np.str_]:
    """The publishers' parts, where the pictures are of both; else a tenth for the test."""
    parts_N = read_parts(home, [name.name for name in names])
    if {"train", "test"} <= set(parts_N.tolist()):
        return parts_N
    return np.where(drawn_for_test(len(names), None, seed), "test", "train")


class _Shelf:
    """The JPEGs of a folder or of the zip, by name."""

    def __init__(self, place: Path) -> None:
        self._place = place
        try:
            self._zip = zipfile.ZipFile(place) if os.path.isfile(place) else None
        except zipfile.BadZipFile:
            raise StudioError(
                f"'{shown(place)}' is damaged or no zip; get it again, whole."
            ) from None
        except OSError as error:
            raise cannot("read", place, error) from error
        self._members = {
            PurePosixPath(info.filename).name: info
            for info in (self._zip.infolist() if self._zip else ())
            if info.file_size <= MOST_FILE_BYTES
        }

    def names(self) -> list[str]:
        """Every file."""
        if self._zip:
            return list(self._members)
        try:
            return os.listdir(self._place)
        except OSError as error:
            raise cannot("read", self._place, error) from error

    def picture(self, name: str) -> Pictures:
        """One picture (H, W, C); raises PictureRefused."""
        if not self._zip:
            return decode_picture(self._place / name)
        try:
            return decode_bytes(self._zip.read(self._members[name]), Path(name))
        except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError):
            raise PictureRefused("it is damaged in the zip") from None

    def __enter__(self) -> _Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip:
            self._zip.close()


def _middle(picture_HWC: Pictures) -> Pictures:
    height, width = picture_HWC.shape[:2]
    top, left = max(0, (height - CROP) // 2), max(0, (width - CROP) // 2)
    return picture_HWC[top : top + CROP, left : left + CROP]


def _into(images_NCHW: Pictures, slots: Mapping[Path, int], face_in: DecodeFile) -> DecodeFile:
    """Decodes each picture into its own slot of one array: two arrays would not fit beside each
    other.
    """

    def decode(name: Path) -> Pictures:
        slot = images_NCHW[slots[name]]
        slot[:] = face_in(name)[0].transpose(2, 0, 1)
        return slot

    return decode
