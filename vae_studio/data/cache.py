"""Large sets of picture files: decoded once into a file on the disk, whatever cuts it short.

What is prepared is known again by the path, size and time of change of every file and by the rule
by which it was made small; where any of them differs, it is prepared anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs

from vae_studio.data.cache_lock import alone_in
from vae_studio.data.cache_rows import Selection
from vae_studio.data.cache_store import (
    CHANNELS,
    DECODED,
    JOURNAL,
    MANIFEST,
    Journal,
    Store,
    journal_in,
    write_json,
)
from vae_studio.data.gather import DecodeFile, is_grey, outcomes
from vae_studio.data.image_set import ImageSet, Pictures, facts_digest, fingerprint_of
from vae_studio.data.progress import Progress
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError
from vae_studio.imaging.decode import PictureRefused

FROM_PICTURES = 5_000  # fewer are decoded in a few seconds, each time, into memory
SAVE_S = 2.0  # what a power cut may cost while decoding
RULES = 1  # counts up when the same file would be decoded to other pixels
COPIES = 2  # on the disk for a moment: as decoded, and as laid out


@dataclass(frozen=True)
class Recipe:
    """How the files below ``root`` become pictures of ``side`` × ``side`` pixels; ``rule`` spells
    what else decides their pixels. ``in_colour``: three channels even if all are grey.
    """

    root: Path
    side: int
    rule: str
    in_colour: bool = False


@dataclass(frozen=True)
class Prepared:
    """Pictures ready to be split: the files they came from, in order, and why others did not."""

    images: Selection
    kept: list[Path]
    refused: dict[Path, str]
    shown_in_grey: bool


def cache_home() -> Path:
    """Where prepared pictures lie: VAE_STUDIO_CACHE, or the user's cache folder."""
    named = os.environ.get("VAE_STUDIO_CACHE")
    if named:
        return Path(os.path.expanduser(named))
    return Path(platformdirs.user_cache_dir("vae-studio", appauthor=False)) / "pictures"


def prepared(
    paths: Sequence[Path], decode: DecodeFile, recipe: Recipe, progress: Progress | None
) -> Prepared:
    """The pictures in these files (relative to the root), decoded now or earlier. What was decoded
    before a cancel or a crash is not decoded again. Raises StudioError, LoadCancelled.
    """
    folder = _folder(recipe)
    listing = _listing(recipe, paths)
    with alone_in(folder):
        journal = journal_in(folder, MANIFEST, listing)
        if journal is None or not Store(folder, recipe.side, journal).is_whole():
            journal = _decode(folder, listing, paths, decode, recipe, progress)
    refused = {paths[place]: reason for place, reason in journal.refused.items()}
    store = Store(folder, recipe.side, journal)
    kept = [path for place, path in enumerate(paths) if place not in journal.refused]
    images = Selection(store, np.arange(journal.good))
    return Prepared(images, kept, refused, journal.shown_in_grey and not recipe.in_colour)


def laid_out(
    parts: Sequence[ImageSet], progress: Progress | None
) -> tuple[tuple[ImageSet, ...], str]:
    """The parts with their pictures mapped, one behind the other, and their fingerprint."""
    chosen: list[Selection] = [part.images_NCHW for part in parts]  # type: ignore[misc]
    store, rows_N = chosen[0].store, np.concatenate([some.rows_N for some in chosen])
    with alone_in(store.folder):
        images_NCHW = store.arranged(rows_N, progress)
        edges = np.cumsum([0, *map(len, chosen)])
        mapped = tuple(
            part.showing(images_NCHW[edges[i] : edges[i + 1]]) for i, part in enumerate(parts)
        )
        digest = facts_digest(*mapped)
        fingerprint = store.recall(digest)
        if fingerprint is None:
            fingerprint = fingerprint_of(*mapped)
            store.remember(digest, fingerprint)
    return mapped, fingerprint


def _folder(recipe: Recipe) -> Path:
    """The folder for this recipe, for nobody else's eyes: it holds a person's pictures."""
    key = f"{os.path.realpath(recipe.root)}\n{recipe.side}\n{recipe.rule}"
    folder = cache_home() / hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:24]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
    except OSError as error:
        raise cannot("made", folder, error) from error
    return folder


def _listing(recipe: Recipe, paths: Sequence[Path]) -> str:
    """SHA-256 over the rule and over path, size and time of change of every file."""
    digest = hashlib.sha256(f"{RULES} {recipe.rule} {recipe.side} {recipe.in_colour}".encode())
    whole = "" if os.path.isdir(recipe.root) else _stamp(recipe.root)  # an archive
    digest.update(whole.encode())
    for path in paths:
        stamp = "" if whole else _stamp(recipe.root / path)
        digest.update(f"{path.as_posix()}\0{stamp}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _stamp(path: Path) -> str:
    try:
        found = os.stat(path)
    except OSError:
        return "gone"
    return f"{found.st_size} {found.st_mtime_ns}"


def _decode(
    folder: Path, listing: str, paths: Sequence[Path], decode: DecodeFile, recipe: Recipe,
    progress: Progress | None,
) -> Journal:  # fmt: skip
    """Decode the files from where it was cut short; the journal never says more than is safe."""
    journal = journal_in(folder, JOURNAL, listing) or Journal(listing, coloured=recipe.in_colour)
    picture_bytes = CHANNELS * recipe.side**2
    _check_disk(folder, COPIES * len(paths) * picture_bytes - journal.good * picture_bytes)
    target = folder / DECODED
    try:
        with target.open("r+b" if target.exists() else "w+b") as file:
            if file.seek(0, os.SEEK_END) < journal.good * picture_bytes:
                journal = Journal(listing, coloured=recipe.in_colour)
            file.truncate(journal.good * picture_bytes)
            file.seek(0, os.SEEK_END)
            try:
                _decode_rest(file, journal, paths, decode, folder, progress)
            except BaseException:
                with suppress(OSError):  # the reason why decoding ended matters more
                    _save(file, journal, folder)
                raise
            _save(file, journal, folder)
    except OSError as error:
        raise cannot("written", target, error) from error
    return journal


def _decode_rest(
    file: IO[bytes], journal: Journal, paths: Sequence[Path], decode: DecodeFile, folder: Path,
    progress: Progress | None,
) -> None:  # fmt: skip
    saved = time.monotonic()
    for block in outcomes(paths, decode, progress, start=journal.done):
        good = [found for found in block if not isinstance(found, PictureRefused)]
        file.write(b"".join(map(_row, good)))  # all of a block, or a journal that knows of none
        for found in block:
            if isinstance(found, PictureRefused):
                journal.refused[journal.done] = found.sentence
            journal.done += 1
        journal.coloured = journal.coloured or not all(map(is_grey, good))
        journal.stored_in_colour |= any(found.shape[3] == CHANNELS for found in good)
        if time.monotonic() - saved > SAVE_S:
            _save(file, journal, folder)
            saved = time.monotonic()


def _row(block_NHWC: Pictures) -> bytes:
    """One picture (1, S, S, 1 or 3) as it lies in the file: (3, S, S)."""
    channels_last = np.broadcast_to(block_NHWC[0], (*block_NHWC.shape[1:3], CHANNELS))
    return np.ascontiguousarray(channels_last.transpose(2, 0, 1)).tobytes()


def _save(file: IO[bytes], journal: Journal, folder: Path) -> None:
    """Pictures first: a journal on the disk speaks of pictures that are on the disk."""
    file.flush()
    os.fsync(file.fileno())
    write_json(folder / JOURNAL, vars(journal))


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StudioError(
            f"Preparing these pictures takes {needed / 1e9:.1f} GB on the disk of "
            f"'{shown(folder.parent)}' and {free / 1e9:.1f} GB are free; free some space, or name "
            "another folder with VAE_STUDIO_CACHE."
        )
