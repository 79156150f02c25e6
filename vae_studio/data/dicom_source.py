"""DICOM files: their pixels, and nothing else of them. Split by patient, never by slice.

Needs pydicom, an optional extra. Of a file's tags only those that say how to show its pixels are
used; the patient's number keeps a patient's pictures together and is forgotten at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from vae_studio.data.gather import (
    DEFAULT_SIZE,
    OWN_HELP,
    OWN_LICENCE,
    check_count,
    decoded,
    skipped,
    split_up,
    stacked,
)
from vae_studio.data.image_set import Pictures
from vae_studio.data.label_table import table_of
from vae_studio.data.layout import Layout, files_below, find_pictures
from vae_studio.data.progress import Progress
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.imaging.decode import SUFFIXES as PICTURE_SUFFIXES
from vae_studio.imaging.resize import resized_to_square
from vae_studio.imaging.window import Window

SUFFIXES = frozenset({".dcm", ".dicom", ".ima", ""})
EXTRA = "pip install 'vae-studio[medical]'"


@dataclass(frozen=True)
class DicomSource:
    """The DICOM files below ``folder``, shown as ``title`` and remembered by ``name``. ``size``,
    ``seed`` and ``window`` as for a folder of pictures; without a window, each file's own.
    """

    name: str
    title: str
    folder: Path
    size: int = 0
    seed: int = 0
    window: Window | None = None

    @property
    def entry(self) -> DataEntry:
        """How the folder is shown."""
        return DataEntry(self.name, self.title, OWN_HELP, OWN_LICENCE)

    def find(self, roots: Sequence[Path]) -> Path:
        """The folder itself."""
        return self.folder

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Decode every frame; files that cannot be read are skipped and listed in the notes.

        Raises StudioError when the extra is missing, or pictures or patients are too few.
        """
        if find_spec("pydicom") is None:
            raise StudioError(
                f"'{shown(self.folder)}' holds DICOM files, and reading them needs pydicom: "
                f"install it with {EXTRA}."
            )
        from vae_studio.data.dicom import Facts, read_frames  # with pydicom: only now

        table = table_of(self.folder)
        paths, notes = find_pictures(self.folder, SUFFIXES, table.path if table else None)
        paths = [path for path in paths if path.name != "DICOMDIR"]
        if table:
            paths, table_notes = table.known_among(paths)
            notes = [*table_notes, *notes]
        facts: dict[Path, Facts] = {}

        def decode(path: Path) -> Pictures:
            frames, facts[path] = read_frames(self.folder / path, self.window)
            return resized_to_square(frames, self.size or DEFAULT_SIZE)

        pictures, refused = decoded(paths, decode, progress)
        counts = [len(frames) for frames in pictures.values()]
        check_count(self.folder, sum(counts), refused)
        images_NCHW, grey_note = stacked(list(pictures.values()))
        kept = list(pictures)
        layout = table.layout(kept) if table else _without_classes(len(kept))
        if layout.groups_N is None:
            patients_N = np.array([facts[path].patient or path.parent.as_posix() for path in kept])
            layout = replace(layout, groups_N=patients_N)
        lost = skipped(refused, len(paths))
        told = _told([facts[path] for path in kept])
        everything = (*told, *lost, *notes, *layout.notes, *grey_note)
        names = [
            path.as_posix() for path, count in zip(kept, counts, strict=True) for _ in range(count)
        ]
        pictures_of = split_up(images_NCHW, _repeated(layout, counts), everything, self.seed, names)
        return replace(pictures_of, patient_data=True)


def holds_dicom(folder: Path) -> bool:
    """Whether the first file below ``folder`` that is a picture of any kind is a DICOM file."""
    for path in files_below(folder, []):
        suffix = path.suffix.lower()
        if suffix in PICTURE_SUFFIXES:
            return False
        if suffix in SUFFIXES and (suffix or _has_mark(path)):
            return True
    return False


def _has_mark(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _without_classes(count: int) -> Layout:
    return Layout(None, (), np.full(count, "", dtype="<U10"))


def _repeated(layout: Layout, counts: Sequence[int]) -> Layout:
    """The layout of the frames, from that of the files."""
    labels, groups = layout.labels_N, layout.groups_N
    return replace(
        layout,
        labels_N=None if labels is None else np.repeat(labels, counts),
        parts_N=np.repeat(layout.parts_N, counts),
        groups_N=None if groups is None else np.repeat(groups, counts),
    )


def _told(facts: Sequence) -> list[str]:  # type: ignore[type-arg]
    """What the person has to know about the files."""
    notes = []
    burned = sum(fact.text_burned_in for fact in facts)
    if burned:
        notes.append(
            f"{burned:,} of {len(facts):,} files say, or leave open, that writing is burned into "
            "their pictures: look for names before you show or share anything."
        )
    anonymous = sum(not fact.patient for fact in facts)
    if anonymous:
        notes.append(
            f"{anonymous:,} files do not say whose they are; each folder counts as one patient."
        )
    unwindowed = sum(fact.whole_range for fact in facts)
    if unwindowed:
        notes.append(
            f"{unwindowed:,} files name no window and are shown over their whole range; "
            "',window=400,level=40' behind the folder sets one."
        )
    return notes
