"""CelebA's own lists: which attributes a face has, and which part it belongs to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import Attributes
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

LISTS = ("list_attr_celeba.txt", "list_attr_celeba.csv")
PARTS = ("train", "validation", "test")
PARTITION = ("list_eval_partition.txt", "list_eval_partition.csv")
LAST_TRAIN, LAST_VALIDATION = 162_770, 182_637  # numbers of the last picture of each part


@dataclass(frozen=True, eq=False)
class AttributeTable:
    """Attributes (rows, A), 0 or 1, by the name of the picture."""

    names: tuple[str, ...]
    rows: dict[str, int]
    values_RA: Attributes

    def __contains__(self, picture: str) -> bool:
        return picture in self.rows

    def of(self, pictures: Sequence[str]) -> Attributes:
        """The attributes (N, A) of pictures that are in the table."""
        return self.values_RA[[self.rows[name] for name in pictures]]


def list_of(home: Path) -> Path | None:
    """The list of attributes in a folder, if it lies there."""
    return next((home / name for name in LISTS if os.path.isfile(home / name)), None)


def read_attributes(path: Path) -> AttributeTable:
    """The table in ``list_attr_celeba`` as published (.txt: a count, the names, then a line a
    picture with -1 or 1) or as a table with commas; raises StudioError naming the file.
    """
    lines = _lines(path)
    try:
        if path.suffix == ".csv":
            names, body = lines[0].split(",")[1:], lines[1:]
        else:
            names, body = lines[1].split(), lines[2:]
        pairs = [line.replace(",", " ").split(None, 1) for line in body]
        text = " ".join(pair[1] for pair in pairs)
        numbers = np.array(text.split(), np.int8).reshape(len(pairs), len(names))
        if not names or not np.isin(numbers, (-1, 0, 1)).all():
            raise ValueError("values are 1 and -1")
    except (ValueError, IndexError, OverflowError):
        raise StudioError(
            f"'{shown(path)}' is no list of CelebA's attributes; get it again."
        ) from None
    rows = {pair[0]: row for row, pair in enumerate(pairs)}
    return AttributeTable(tuple(names), rows, (numbers > 0).astype(np.uint8))


def read_parts(home: Path, pictures: Sequence[str]) -> NDArray[np.str_]:
    """The publishers' part of each picture: by their list where it lies there, else by its number,
    which says the same; "train" for what neither knows.
    """
    known = _partition(home)
    return np.array([known.get(name, _part_by_number(name)) for name in pictures], dtype="<U10")


def _partition(home: Path) -> dict[str, str]:
    path = next((home / name for name in PARTITION if os.path.isfile(home / name)), None)
    known = {}
    for line in _lines(path) if path else ():
        words = line.replace(",", " ").split()
        if len(words) == 2 and words[1] in ("0", "1", "2"):
            known[words[0]] = PARTS[int(words[1])]
    return known


def _part_by_number(name: str) -> str:
    number = name.partition(".")[0]
    if not (number.isascii() and number.isdigit()) or int(number) <= LAST_TRAIN:
        return "train"
    return "validation" if int(number) <= LAST_VALIDATION else "test"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise StudioError(f"'{shown(path)}' is no list of text; get it again.") from None
    except OSError as error:
        raise cannot("read", path, error) from error
