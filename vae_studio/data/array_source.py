"""A file of arrays (.npz, .npy) as a data set: which array is what is told by names and shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.gather import OWN_HELP, OWN_LICENCE, check_count, split_up
from vae_studio.data.image_set import ImageSet, Labels, Pictures
from vae_studio.data.layout import Layout
from vae_studio.data.npz import ALONE, ArrayFile, ArrayShape
from vae_studio.data.progress import Progress, report
from vae_studio.data.room import check_room
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.imaging.resize import centre_square
from vae_studio.imaging.window import Window

PICTURES = ("images", "image", "x", "data", "imgs", "pictures", "arr_0")
LABELS = ("labels", "label", "y", "targets", "target", "arr_1")
PARTS = {"train": ("train", "training"), "validation": ("val", "valid", "validation"),
         "test": ("test", "testing")}  # fmt: skip
MOST_CLASSES = 1000  # more different labels are measurements and no classes


@dataclass(frozen=True)
class ArraySource:
    """The pictures in one file, shown as ``title`` and remembered by ``name``. ``size`` as in
    ``load_splits``; ``seed`` decides which tenth is the test set, where the file names none.
    """

    name: str
    title: str
    path: Path
    size: int = 0
    seed: int = 0
    window: Window | None = None

    @property
    def entry(self) -> DataEntry:
        """How the file is shown."""
        return DataEntry(self.name, self.title, OWN_HELP, OWN_LICENCE)

    def find(self, roots: Sequence[Path]) -> Path:
        """The file itself."""
        return self.path

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """The parts the file names, or one array split by us; raises StudioError naming the file
        for arrays that are no pictures.
        """
        report(progress, 0.0, f"Reading {self.title}")
        file = ArrayFile(self.path)
        shapes = file.shapes()
        parts = {part: _names_of(words, shapes) for part, words in PARTS.items()}
        if not (parts["train"] and parts["test"]):
            parts = {"whole": _names_of((), shapes) or self._only_pictures(shapes)}
        wanted = {part: names for part, names in parts.items() if names}
        self._check(wanted, shapes)
        images: dict[str, Pictures] = {}
        labels: dict[str, NDArray | None] = {}
        for part, names in wanted.items():
            report(progress, 0.2 + 0.2 * len(images), f"Reading {self.title}")
            images[part] = file.read(names[0])
            labels[part] = file.read(names[1]) if names[1] else None
        numbers, class_names, label_note = _numbered(labels)
        window, range_note = (self.window, "") if self.window else self._window_of(images)
        sets = {
            part: ImageSet(_square(_arranged(_as_bytes(array, window))), numbers[part])
            for part, array in images.items()
        }
        notes = tuple(note for note in (label_note, range_note) if note)
        return self._as_parts(sets, class_names, notes)

    def _window_of(self, images: Mapping[str, NDArray]) -> tuple[Window, str]:
        """The values that all parts show from black to white, and a note when we had to choose."""
        ranges = [_finite_range(array) for array in images.values()]
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        if low > high:
            raise StudioError(f"'{shown(self.path)}' holds pictures without one finite value.")
        floats = any(array.dtype.kind == "f" for array in images.values())
        for most in (1.0, 255.0) if floats else (255.0,):
            if low >= 0 and high <= most:
                return Window(most, most / 2), ""
        note = f"Values from {low:g} to {high:g} are shown from black to white."
        return Window(max(high - low, 1e-12), (low + high) / 2), note

    def _as_parts(
        self, sets: Mapping[str, ImageSet], class_names: tuple[str, ...], notes: tuple[str, ...]
    ) -> SourcePictures:
        if "whole" not in sets:
            return SourcePictures(
                sets["train"], sets["test"], sets.get("validation"), class_names, notes
            )
        whole = sets["whole"]
        nowhere_N = np.full(len(whole), "", dtype="<U10")
        layout = Layout(whole.labels_N, class_names, nowhere_N)
        return split_up(whole.images_NCHW, layout, notes, self.seed)

    def _only_pictures(self, shapes: Mapping[str, ArrayShape]) -> tuple[str, str]:
        pictures = [name for name, array in shapes.items() if len(array.shape) in (3, 4)]
        if len(pictures) != 1:
            found = ", ".join(f"{name} {array.shape}" for name, array in shapes.items())[:200]
            raise StudioError(
                f"'{shown(self.path)}' does not say which array holds the pictures; name it "
                f"images (or x_train and x_test). It has: {found or 'nothing'}."
            )
        count = shapes[pictures[0]].shape[0]
        beside = [name for name, array in shapes.items() if array.shape in ((count,), (count, 1))]
        return pictures[0], beside[0] if len(beside) == 1 else ""

    def _check(
        self, wanted: Mapping[str, tuple[str, str]], shapes: Mapping[str, ArrayShape]
    ) -> None:
        for pictures, labels in wanted.values():
            array = shapes[pictures]
            if not _are_pictures(array):
                raise StudioError(
                    f"'{pictures}' in '{shown(self.path)}' is no array of pictures: it has the "
                    f"shape {array.shape} of {array.dtype}; (N, H, W) or (N, H, W, 3) of numbers "
                    "is needed."
                )
            if labels and shapes[labels].shape not in ((array.shape[0],), (array.shape[0], 1)):
                raise StudioError(
                    f"'{labels}' in '{shown(self.path)}' has the shape {shapes[labels].shape} and "
                    f"does not fit the {array.shape[0]:,} pictures in '{pictures}'."
                )
        check_count(self.path, sum(shapes[names[0]].shape[0] for names in wanted.values()), {})
        needed = sum(shapes[names[0]].bytes for names in wanted.values())
        check_room(needed, self.title, "save fewer or smaller pictures, as uint8")


def _names_of(words: Sequence[str], shapes: Mapping[str, ArrayShape]) -> tuple[str, str] | None:
    """The arrays of pictures and labels of a part ("train"), or of everything for no word."""
    pictures = _first(_spellings(PICTURES, words), shapes)
    return (pictures, _first(_spellings(LABELS, words), shapes) or "") if pictures else None


def _spellings(kinds: Sequence[str], words: Sequence[str]) -> list[str]:
    if not words:
        return list(kinds)
    pairs = [(kind, word) for word in words for kind in kinds]
    return [f"{a}_{b}" for kind, word in pairs for a, b in ((kind, word), (word, kind))]


def _first(names: Sequence[str], shapes: Mapping[str, ArrayShape]) -> str | None:
    lowered = {name.lower(): name for name in shapes}
    return next((lowered[name] for name in names if name in lowered), None)


def _are_pictures(array: ArrayShape) -> bool:
    shape = array.shape
    coloured = len(shape) == 4 and (shape[3] in (1, 3) or shape[1] in (1, 3))
    return (len(shape) == 3 or coloured) and min(shape) > 0 and array.dtype.kind in "buif"


def _as_bytes(array: NDArray, window: Window) -> Pictures:
    if array.dtype == np.uint8:
        return array
    return array.astype(np.uint8) * 255 if array.dtype == np.bool_ else window.applied(array)


def _finite_range(array: NDArray) -> tuple[float, float]:
    """The smallest and the largest finite value; (inf, -inf) when there is none."""
    if array.dtype.kind != "f":
        return float(array.min()), float(array.max())
    finite = np.isfinite(array)
    return (
        float(np.min(array, where=finite, initial=np.inf)),
        float(np.max(array, where=finite, initial=-np.inf)),
    )


def _arranged(images: Pictures) -> Pictures:
    """(N, C, H, W), whichever way the file has it; channels last wins where both could be."""
    if images.ndim == 3:
        return images[:, None]
    return images.transpose(0, 3, 1, 2) if images.shape[3] in (1, 3) else images


def _square(images_NCHW: Pictures) -> Pictures:
    square_NHWC = centre_square(images_NCHW.transpose(0, 2, 3, 1))
    # a copy, because torch warns about memory that cannot be written, as some arrays'
    return np.array(square_NHWC.transpose(0, 3, 1, 2), order="C")


def _numbered(
    labels: Mapping[str, NDArray | None],
) -> tuple[dict[str, Labels | None], tuple[str, ...], str]:
    """Class numbers of every part, their names, and a note where labels are left out."""
    nothing: dict[str, Labels | None] = dict.fromkeys(labels)
    flat = {part: array.reshape(-1) for part, array in labels.items() if array is not None}
    if len(flat) < len(labels):
        return nothing, (), ""
    values, numbers = np.unique(np.concatenate(list(flat.values())), return_inverse=True)
    whole = values.dtype.kind in "buiU" or (
        values.dtype.kind == "f" and np.isfinite(values).all() and (values % 1 == 0).all()
    )
    if not whole or len(values) > MOST_CLASSES:
        return nothing, (), "The labels are measurements and no classes; they are left out."
    names = tuple(str(value) if isinstance(value, str) else f"{value:g}" for value in values)
    edges = np.cumsum([len(array) for array in flat.values()])[:-1]
    split = np.split(numbers.astype(np.int64), edges)
    return dict(zip(flat, split, strict=True)), names, ""


assert ALONE in PICTURES
