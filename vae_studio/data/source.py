"""What every source of pictures has in common: its catalog entry, and what it hands over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vae_studio.data.image_set import Drawer, Factor, ImageSet
from vae_studio.data.progress import Progress


@dataclass(frozen=True)
class DataEntry:
    """One line of the catalog, as the Data dock and ``vae-studio datasets`` show it.

    ``by_hand`` ends the sentence that tells how to get a set that is not on this computer.
    """

    name: str
    title: str
    help: str
    licence: str
    bundled: bool = False
    downloadable: bool = False
    by_hand: str = ""


@dataclass(frozen=True, eq=False)
class SourcePictures:
    """What a source read, before pictures are held out. ``validation`` only where the source
    itself has one (a folder with train/, val/ and test/). ``by_class``: of every class its share is
    held out; published sets, whose held-out pictures have always been the same, are drawn as a
    whole. The rest is as in DataSplits.
    """

    train: ImageSet
    test: ImageSet
    validation: ImageSet | None = None
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()
    drawer: Drawer | None = None
    attribute_names: tuple[str, ...] = ()
    caveat: str = ""
    by_class: bool = False
    patient_data: bool = False


class Source(Protocol):
    """A set with a name in the catalog."""

    @property
    def entry(self) -> DataEntry: ...

    def find(self, roots: Sequence[Path]) -> Path | None:
        """The folder that holds the whole set, or None; reads next to nothing."""
        ...

    def read(self, place: Path, progress: Progress | None) -> SourcePictures:
        """The pictures in a folder that ``find`` returned; raises StudioError when damaged."""
        ...
