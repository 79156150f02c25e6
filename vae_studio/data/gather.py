"""What all pictures from the user's own disk share: decoding many files, skipping bad ones with
their reasons, and making three sets of what is left.

Shapes: N pictures, H rows, W columns, C channels.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.image_set import ImageSet, Pictures
from vae_studio.data.layout import Layout, plain
from vae_studio.data.progress import Progress, report
from vae_studio.data.source import SourcePictures
from vae_studio.data.splits import drawn_by_group, drawn_for_test, watched_by_group
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.imaging.decode import PictureRefused

OWN_HELP = "Your own pictures. They stay on this computer."
OWN_LICENCE = "your own pictures"
DEFAULT_SIZE = 64
SHOWN_IN_GREY = "The files are in colour but show only grey, so one channel is used."
FEWEST_PICTURES = 10  # a tenth of fewer is none
REASONS_LISTED = 100
TELLS_AFTER_S = 2.0
AT_ONCE = 64  # files between two chances to cancel: some tens of milliseconds

#: The square pictures (N, S, S, C) in a file; raises PictureRefused.
DecodeFile = Callable[[Path], Pictures]


def decoded(
    paths: Sequence[Path], decode: DecodeFile, progress: Progress | None
) -> tuple[dict[Path, Pictures], dict[Path, str]]:
    """What is in each file, and of the files that cannot be read the reason, in their order."""

    pictures: dict[Path, Pictures] = {}
    refused: dict[Path, str] = {}
    for block in outcomes(paths, decode, progress):
        done = len(pictures) + len(refused)
        for path, outcome in zip(paths[done : done + len(block)], block, strict=True):
            if isinstance(outcome, PictureRefused):
                refused[path] = outcome.sentence
            else:
                pictures[path] = outcome
    return pictures, refused


def outcomes(
    paths: Sequence[Path], decode: DecodeFile, progress: Progress | None, start: int = 0
) -> Iterator[list[Pictures | PictureRefused]]:
    """What each file from place ``start`` on holds, or why it is refused, some files at a time, in
    their order. Threads are enough: Pillow decodes without holding Python up.
    """

    def attempt(path: Path) -> Pictures | PictureRefused:
        try:
            return decode(path)
        except PictureRefused as refused:
            return refused

    began = time.monotonic()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for first in range(start, len(paths), AT_ONCE):
            left = _time_left(first - start, len(paths) - first, time.monotonic() - began)
            sentence = f"Read {first:,} of {len(paths):,} pictures{left}"
            report(progress, first / len(paths), sentence)
            yield list(pool.map(attempt, paths[first : first + AT_ONCE]))


def _time_left(done: int, left: int, spent_s: float) -> str:
    """ ", 2 min left" once that can be told and is worth telling."""
    if spent_s < TELLS_AFTER_S or done == 0:
        return ""
    seconds = spent_s / done * left
    return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"


def check_count(folder: Path, count: int, refused: Mapping[Path, str]) -> None:
    """Raise StudioError when ``count`` pictures are too few, with the first reason of those that
    could not be read.
    """
    if count >= FEWEST_PICTURES:
        return
    found = ("no pictures", "one picture")[count] if count < 2 else f"{count} pictures"
    kind = "folder" if os.path.isdir(folder) else "file"
    sentence = (
        f"The {kind} '{shown(folder)}' holds {found} that can be used; "
        f"at least {FEWEST_PICTURES} are needed."
    )
    if refused:
        path, reason = next(iter(refused.items()))
        sentence += f" {len(refused)} could not be read, the first being {plain(path)}: {reason}."
    raise StudioError(sentence, details="\n".join(skipped(refused, len(refused))))


def stacked(blocks: Sequence[Pictures]) -> tuple[Pictures, tuple[str, ...]]:
    """Blocks (N, H, W, 1 or 3) as one (N, C, H, W): grey when every picture is, else RGB; and a
    note.
    """
    if all(is_grey(block) for block in blocks):
        coloured = any(block.shape[3] == 3 for block in blocks)
        together = np.concatenate([block[..., :1] for block in blocks])
        return _channels_first(together), (SHOWN_IN_GREY,) if coloured else ()
    return _channels_first(
        np.concatenate([np.broadcast_to(block, (*block.shape[:3], 3)) for block in blocks])
    ), ()


def split_up(
    images_NCHW: Pictures,
    layout: Layout,
    notes: tuple[str, ...],
    seed: int,
    names: Sequence[str] | None = None,
) -> SourcePictures:
    """The sets that the layout says, else whole groups, else a tenth of every class for the test;
    mixed, so that the first few of a set show more than its first class. ``names`` of their files.
    """
    names_N = None if names is None else np.array(names, dtype=np.object_)
    everything = ImageSet(images_NCHW, layout.labels_N, names_N=names_N)
    parts_N = layout.parts_N
    if "test" not in parts_N and layout.groups_N is not None:
        parts_N = drawn_by_group(layout.groups_N, seed)
    elif "test" not in parts_N:
        tested_N = drawn_for_test(len(everything), layout.labels_N, seed)
        parts_N = np.where(tested_N, "test", "train")
    elif "validation" not in parts_N and layout.groups_N is not None:
        parts_N = watched_by_group(parts_N, layout.groups_N, seed)
    parts_N = np.where(parts_N == "", "train", parts_N)
    notes += _shared_groups(parts_N, layout)
    order = np.random.default_rng(seed_for(seed, "mix")).permutation(len(everything))
    train, validation, test = (
        everything.take(order[parts_N[order] == part]) for part in ("train", "validation", "test")
    )
    return SourcePictures(
        train, test, validation if len(validation) else None, layout.class_names, notes,
        by_class=True,
    )  # fmt: skip


def _shared_groups(parts_N: NDArray[np.str_], layout: Layout) -> tuple[str, ...]:
    """A sentence when a patient is in training and in the test, as the folder or table has it."""
    if layout.groups_N is None:
        return ()
    tested_N = parts_N == "test"
    shared = np.intersect1d(layout.groups_N[tested_N], layout.groups_N[~tested_N])
    if not len(shared):
        return ()
    are = "patient is" if len(shared) == 1 else "patients are"
    return (f"{len(shared):,} {are} in the training and in the test set: test numbers are too "
            "good.",)  # fmt: skip


def skipped(refused: Mapping[Path, str], of: int) -> tuple[str, ...]:
    """A sentence on how many files were skipped, then one a file."""
    if not refused:
        return ()
    listed = [f"{plain(path)}: {reason}." for path, reason in refused.items()]
    if len(listed) > REASONS_LISTED:
        listed[REASONS_LISTED:] = [f"and {len(listed) - REASONS_LISTED:,} more."]
    were = "picture was" if of == 1 else "pictures were"
    return (f"{len(refused):,} of {of:,} {were} skipped.", *listed)


def _channels_first(pictures_NHWC: Pictures) -> Pictures:
    return np.ascontiguousarray(pictures_NHWC.transpose(0, 3, 1, 2))


def is_grey(block_NHWC: Pictures) -> bool:
    """Whether all channels show the same."""
    return block_NHWC.shape[3] == 1 or bool((block_NHWC == block_NHWC[..., :1]).all())
