"""MedMNIST: small medical pictures, one .npz file a set and size, known by its published MD5."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet
from vae_studio.data.med_table import MED_SETS, SIDES, MedSet
from vae_studio.data.members import md5_of
from vae_studio.data.npz import ArrayFile, ArrayShape
from vae_studio.data.progress import Progress, report
from vae_studio.data.room import check_room
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

NAME = "medmnist"
PARTS = ("train", "val", "test")
OTHER_COPY = "not the official file"
BY_NAME = {member.name: member for member in MED_SETS}


@dataclass(frozen=True)
class MedSource:
    """One of the sets with pictures of ``side`` × ``side`` pixels."""

    member: MedSet
    side: int = SIDES[0]

    @property
    def entry(self) -> DataEntry:
        """The catalog entry; "medmnist:breast" or "medmnist:breast,64"."""
        larger = self.side != SIDES[0]
        colour = "in colour" if self.member.channels == 3 else "grey"
        return DataEntry(
            name=f"{NAME}:{self.member.name}{f',{self.side}' if larger else ''}",
            title=f"{self.member.title}{f' ({self.side} px)' if larger else ''}",
            help=f"From MedMNIST: {self.member.what}. {self.side} × {self.side} {colour}; "
            f"also `{NAME}:{self.member.name},64` and 128 and 224. Not for clinical use.",
            licence=f"{self.member.licence}, MedMNIST (J. Yang et al. 2023)",
            downloadable=True,
        )

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The first file of that name, also where the publishers' own package puts it."""
        name = self.member.file_name(self.side)
        below = [root / folder for root in roots for folder in ("", NAME, "MedMNIST")]
        for place in (*below, Path(os.path.expanduser("~")) / ".medmnist"):
            if os.path.isfile(place / name):
                return place / name
        return None

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """The publishers' own split. Another file than theirs is read too, with a caveat."""
        report(progress, 0.0, f"Checking {place.name}")
        try:
            official = md5_of(place) == self.member.md5(self.side)
        except OSError as error:
            raise cannot("read", place, error) from error
        file = ArrayFile(place)
        shapes = file.shapes()
        self._check(place, shapes)
        needed = sum(shape.bytes for shape in shapes.values())
        check_room(needed, self.entry.title, "choose a smaller size")
        parts = []
        for share, part in enumerate(PARTS):
            report(progress, 0.3 + 0.2 * share, f"Reading {self.entry.title}")
            parts.append(self._part(file, part))
        note = (
            f"{place.name} is {OTHER_COPY} (its MD5 is not the published one): figures from it "
            "cannot be compared with others'."
        )
        return SourcePictures(
            train=parts[0],
            validation=parts[1],
            test=parts[2],
            class_names=() if self.member.findings else self.member.class_names,
            attribute_names=self.member.class_names if self.member.findings else (),
            notes=() if official else (note,),
            caveat="" if official else OTHER_COPY,
        )

    def _part(self, file: ArrayFile, part: str) -> ImageSet:
        pixels, labels = file.read(f"{part}_images"), file.read(f"{part}_labels")
        colour = (3,) if self.member.channels == 3 else ()
        pixels_NHWC = pixels.reshape(-1, self.side, self.side, *(colour or (1,)))
        images_NCHW = np.ascontiguousarray(pixels_NHWC.transpose(0, 3, 1, 2))
        if labels.min() < 0 or labels.max() >= (2 if self.member.findings else self._classes):
            raise StudioError(
                f"'{shown(file.path)}' has a label that {self.member.title} does not have; "
                "get it again."
            )
        if self.member.findings:
            return ImageSet(images_NCHW, attributes_NA=labels.astype(np.uint8))
        return ImageSet(images_NCHW, labels[:, 0].astype(np.int64))

    @property
    def _classes(self) -> int:
        return len(self.member.class_names)

    def _check(self, place: Path, shapes: Mapping[str, ArrayShape]) -> None:
        colour = (3,) if self.member.channels == 3 else ()
        width = self._classes if self.member.findings else 1
        for part in PARTS:
            images, labels = shapes.get(f"{part}_images"), shapes.get(f"{part}_labels")
            if (
                images is None or labels is None or images.dtype != np.uint8
                or images.shape[1:] != (self.side, self.side, *colour) or not images.shape[0]
                or labels.dtype.kind not in "iu" or labels.shape != (images.shape[0], width)
            ):  # fmt: skip
                raise StudioError(
                    f"'{shown(place)}' does not hold {self.entry.title} ({part} pictures of "
                    f"{self.side} × {self.side} pixels and their labels); get it again."
                )


def medmnist_source(options: str) -> MedSource:
    """The source of "medmnist:OPTIONS", such as "breast,64"; StudioError for what there is not."""
    name, _, side = (word.strip().lower() for word in options.partition(","))
    member = BY_NAME.get(name.removesuffix("mnist"))
    if member is None:
        what = f"There is no MedMNIST set '{name}'" if name else "MedMNIST is twelve sets"
        raise StudioError(f"{what}; choose {NAME}: and one of {', '.join(BY_NAME)}.")
    if side and side not in map(str, SIDES):
        raise StudioError(
            f"MedMNIST pictures have {', '.join(map(str, SIDES))} pixels; '{side}' is none of them."
        )
    return MedSource(member, int(side or SIDES[0]))
