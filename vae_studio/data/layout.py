"""What the shape of a folder says: which files are pictures, their classes, a ready-made split."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import Labels
from vae_studio.domain.atomic import cannot
from vae_studio.imaging.decode import SUFFIXES

#: Names of sub-folders that are a split and no classes, when one for training is among them.
PARTS = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Layout:
    """Class number (N,) of every picture, or None, and the part it belongs to ("" undecided).
    ``groups_N`` (N,): pictures of one group (a patient) belong into one part.
    """

    labels_N: Labels | None
    class_names: tuple[str, ...]
    parts_N: NDArray[np.str_]
    notes: tuple[str, ...] = ()
    groups_N: NDArray[np.str_] | None = None


def find_pictures(
    folder: Path, suffixes: frozenset[str] = SUFFIXES, besides: Path | None = None
) -> tuple[list[Path], list[str]]:
    """Pictures anywhere below ``folder``, told by their endings, as relative paths in an order a
    person would give them; and notes about what was left out, but for the file ``besides``. Links
    to folders are not followed.

    Raises StudioError when the folder itself cannot be read.
    """
    notes: list[str] = []
    found: list[Path] = []
    others = 0
    for path in files_below(folder, notes):
        if path.suffix.lower() in suffixes:
            found.append(path.relative_to(folder))
        elif path != besides:
            others += 1
    if others:
        are = "file is not a picture" if others == 1 else "files are not pictures"
        notes.append(f"{others:,} other {are}.")
    return sorted(found, key=_natural), notes


def layout_of(pictures: Sequence[Path]) -> Layout:
    """Read classes and split from relative paths.

    The first sub-folder is the class; where the first sub-folders are train/, test/ and val/, they
    are the split and the next sub-folder is the class. Pictures beside class folders: no classes.
    """
    first = {path.parts[0].lower() for path in pictures if len(path.parts) > 1}
    is_split = (
        all(len(path.parts) > 1 for path in pictures)
        and first <= PARTS.keys()
        and len({PARTS[name] for name in first}) > 1
        and "train" in {PARTS[name] for name in first}
    )
    parts = [PARTS[path.parts[0].lower()] if is_split else "" for path in pictures]
    below = [path.parts[1:] if is_split else path.parts for path in pictures]
    classes = [parts[0] if len(parts) > 1 else "" for parts in below]
    return labelled(classes, parts)


def labelled(
    classes: list[str], parts: list[str], groups_N: NDArray[np.str_] | None = None
) -> Layout:
    """The layout of pictures with these names of classes ("" none) and these parts."""
    names = sorted(set(classes), key=lambda name: _natural(Path(name)))
    parts_N = np.array(_tested(parts), dtype=np.str_)
    if len(names) < 2:
        return Layout(None, (), parts_N, groups_N=groups_N)
    if "" in names:
        beside = classes.count("")
        note = f"{beside:,} of the pictures lie in no sub-folder, so sub-folders are no classes."
        return Layout(None, (), parts_N, (note,), groups_N)
    number = {name: place for place, name in enumerate(names)}
    labels_N = np.array([number[name] for name in classes], dtype=np.int64)
    class_names = tuple(plain(Path(name)) for name in names)
    return Layout(labels_N, class_names, parts_N, groups_N=groups_N)


def plain(path: Path) -> str:
    """A relative path as plain text, whatever bytes its name has."""
    return "".join(c if c.isprintable() else "�" for c in path.as_posix())


def _tested(parts: list[str]) -> list[str]:
    """A split of training and validation alone (ImageNet's) is judged by the latter."""
    if "test" in parts:
        return parts
    return ["test" if part == "validation" else part for part in parts]


def files_below(folder: Path, notes: list[str]) -> Iterator[Path]:
    """Every file below ``folder`` that is not hidden; closed folders are noted. StudioError when
    the folder itself cannot be read.
    """

    def refuse(error: OSError) -> None:
        place = Path(error.filename)
        if place == folder:
            raise cannot("read", folder, error)
        reason = (error.strerror or str(error)).lower()
        notes.append(f"{plain(place.relative_to(folder))}/ was skipped: {reason}.")

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        yield from (Path(place, name) for name in files if not name.startswith("."))


def _natural(path: Path) -> list[list[tuple[int, int, str]]]:
    """s2 before s10; digits count as numbers, letters without their case first."""
    return [
        [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part.lower())
         for part in re.split(r"(\d+)", name) if part]
        for name in path.parts
    ] + [[(2, 0, path.as_posix())]]  # fmt: skip
