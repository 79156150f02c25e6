"""A folder of pictures on the user's disk: found, decoded, cut square, resized, split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet, Pictures
from vae_studio.data.layout import Layout, find_pictures, layout_of, plain
from vae_studio.data.places import PREFIX
from vae_studio.data.progress import Progress, report
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.data.splits import drawn_for_test
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.imaging.decode import PictureRefused, decode_picture
from vae_studio.imaging.resize import resized_to_square

DEFAULT_SIZE = 64
FEWEST_PICTURES = 10  # a tenth of fewer is none
REASONS_LISTED = 100
HELP = "Your own pictures. They stay on this computer."
AT_ONCE = 64  # pictures between two chances to cancel: some tens of milliseconds


@dataclass(frozen=True)
class FolderSource:
    """The pictures below ``folder``, which goes by ``name`` ("folder:scans").

    ``size`` is the side in pixels they get, after the central square is cut out (0: DEFAULT_SIZE).
    ``seed`` decides which tenth is the test set, where the folder has no test/ of its own.
    """

    name: str
    folder: Path
    size: int = 0
    seed: int = 0

    @property
    def entry(self) -> DataEntry:
        """How the folder is shown."""
        return DataEntry(self.name, self.name.removeprefix(PREFIX), HELP, "your own pictures")

    def find(self, roots: Sequence[Path]) -> Path:
        """The folder itself."""
        return self.folder

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Decode everything; files that cannot be read are skipped and listed in the notes.

        Raises StudioError when too few pictures are left, LoadCancelled when the person cancels.
        """
        paths, notes = find_pictures(self.folder)
        self._check_count(len(paths), {})
        pictures, refused = self._decode(paths, progress)
        self._check_count(len(pictures), refused)
        images_NCHW, grey_note = _stacked(pictures)
        layout = layout_of([path for path in paths if path not in refused])
        skipped = _skipped(refused, len(paths))
        return self._split(images_NCHW, layout, (*skipped, *notes, *layout.notes, *grey_note))

    def _decode(
        self, paths: Sequence[Path], progress: Progress | None
    ) -> tuple[list[Pictures], dict[Path, str]]:
        pictures: list[Pictures] = []
        refused: dict[Path, str] = {}
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            for start in range(0, len(paths), AT_ONCE):
                report(progress, start / len(paths), f"Read {start:,} of {len(paths):,} pictures")
                some = paths[start : start + AT_ONCE]
                for path, outcome in zip(some, pool.map(self._decode_one, some), strict=True):
                    if isinstance(outcome, PictureRefused):
                        refused[path] = outcome.sentence
                    else:
                        pictures.append(outcome)
        return pictures, refused

    def _decode_one(self, path: Path) -> Pictures | PictureRefused:
        size = self.size or DEFAULT_SIZE
        try:
            picture = decode_picture(self.folder / path, at_least=size)
        except PictureRefused as refused:
            return refused
        return resized_to_square(picture[None], size)[0]

    def _check_count(self, count: int, refused: dict[Path, str]) -> None:
        if count >= FEWEST_PICTURES:
            return
        found = ("no pictures", "one picture")[count] if count < 2 else f"{count} pictures"
        sentence = (
            f"The folder '{shown(self.folder)}' holds {found} that can be used; "
            f"at least {FEWEST_PICTURES} are needed."
        )
        if refused:
            path, reason = next(iter(refused.items()))
            sentence += (
                f" {len(refused)} could not be read, the first being {plain(path)}: {reason}."
            )
        raise StudioError(sentence, details="\n".join(_skipped(refused, len(refused))))

    def _split(
        self, images_NCHW: Pictures, layout: Layout, notes: tuple[str, ...]
    ) -> SourcePictures:
        everything = ImageSet(images_NCHW, layout.labels_N)
        parts_N = layout.parts_N
        if "test" not in parts_N:
            tested_N = drawn_for_test(len(everything), layout.labels_N, self.seed)
            parts_N = np.where(tested_N, "test", "train")
        # mixed, so that the first few of a set show more than its first class
        order = np.random.default_rng(seed_for(self.seed, "mix")).permutation(len(everything))
        train, validation, test = (
            everything.take(order[parts_N[order] == part])
            for part in ("train", "validation", "test")
        )
        return SourcePictures(
            train, test, validation if len(validation) else None, layout.class_names, notes
        )


def _stacked(pictures: list[Pictures]) -> tuple[Pictures, tuple[str, ...]]:
    """Pictures (H, W, 1 or 3) as one array: grey when every one is, else RGB; and a note."""
    if all(_is_grey(picture) for picture in pictures):
        note = "The files are in colour but show only grey, so one channel is used."
        coloured = any(picture.shape[2] == 3 for picture in pictures)
        stack_NHWC = np.stack([picture[..., :1] for picture in pictures])
        return _channels_first(stack_NHWC), (note,) if coloured else ()
    height, width, _ = pictures[0].shape
    stack_NHWC = np.stack([np.broadcast_to(picture, (height, width, 3)) for picture in pictures])
    return _channels_first(stack_NHWC), ()


def _channels_first(pictures_NHWC: Pictures) -> Pictures:
    return np.ascontiguousarray(pictures_NHWC.transpose(0, 3, 1, 2))


def _is_grey(picture: Pictures) -> bool:
    return picture.shape[2] == 1 or bool((picture == picture[..., :1]).all())


def _skipped(refused: dict[Path, str], of: int) -> tuple[str, ...]:
    """A sentence on how many files were skipped, then one a file."""
    if not refused:
        return ()
    listed = [f"{plain(path)}: {reason}." for path, reason in refused.items()]
    if len(listed) > REASONS_LISTED:
        listed[REASONS_LISTED:] = [f"and {len(listed) - REASONS_LISTED:,} more."]
    were = "picture was" if of == 1 else "pictures were"
    return (f"{len(refused):,} of {of:,} {were} skipped.", *listed)
