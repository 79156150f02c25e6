"""The catalog of data sets, and the one function that loads any of them."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path

from vae_studio.data.image_set import DataSplits
from vae_studio.data.named import MEDMNIST, plan_of, source_of
from vae_studio.data.offer import host_and_size, is_offline, other_ways
from vae_studio.data.patients import marked
from vae_studio.data.places import PREFIX, is_own, remember_folder, split_options
from vae_studio.data.progress import Progress, report
from vae_studio.data.published import SOURCES
from vae_studio.data.search import search_roots, user_datasets_folder
from vae_studio.data.source import DataEntry, Source
from vae_studio.data.splits import assemble, check_wishes
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError

__all__ = ["DataEntry", "entries", "host_and_size", "is_present", "load_splits", "resolve"]


def entries() -> tuple[DataEntry, ...]:
    """Every set with a name, in the order in which they are offered."""
    return tuple(source.entry for source in SOURCES.values())


def is_present(name: str, data_dir: Path | None = None) -> bool:
    """Whether a set (a catalog name, with options or not, or "folder:NAME") could be loaded now,
    without a network.
    """
    try:
        source = source_of(name)
        return source is not None and source.find(search_roots(data_dir)) is not None
    except StudioError:
        return False


def resolve(dataset: str) -> str:
    """The name that stands for what a person typed: of a catalog name its one spelling, of the path
    of a folder or file the "folder:NAME" it is remembered by. Raises StudioError otherwise.
    """
    if dataset.startswith(PREFIX):
        return dataset
    source = source_of(dataset)
    if source is not None:
        return source.entry.name
    typed, options = split_options(dataset)
    path = Path(os.path.expanduser(typed))
    if typed and is_own(path):
        return remember_folder(path) + options
    if os.sep in typed or (typed and os.path.exists(path)):
        raise StudioError(f"'{typed}' is not a folder of pictures, nor a file of arrays.")
    raise _unknown(dataset)


def load_splits(
    dataset: str,
    *,
    data_dir: Path | None = None,
    size: int = 0,
    validation: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
    download: bool = False,
) -> DataSplits:
    """The three sets of a run, in memory.

    ``dataset`` is a catalog name, "folder:NAME" or the path of a folder or file. ``size`` is the
    side of the pictures in pixels; 0 keeps a set's own (a folder's become 64). At most
    ``validation`` pictures, and at most a tenth, are held out of training. ``seed`` is the seed of
    the splits, not of a run: leave it alone to compare runs. A set that is not on this computer is
    fetched into ``data_dir`` (or the user's data folder) only when ``download`` is true.

    Raises StudioError for everything a person can mend, LoadCancelled when ``progress`` says so.
    """
    check_wishes(size, validation)
    source = source_of(resolve(dataset), size, seed)
    assert source is not None  # resolve answers names that have one
    pictures = source.read(_place_of(source, data_dir, progress, download), progress)
    entry = source.entry
    splits = assemble(
        pictures,
        name=entry.name,
        title=entry.title,
        licence=entry.licence,
        size=size,
        validation=validation,
        seed=seed,
        progress=progress,
    )
    report(progress, 1.0, f"{entry.title} is ready")
    said = marked(entry.name)
    return splits if said is None else replace(splits, patient_data=said)


def _place_of(
    source: Source, data_dir: Path | None, progress: Progress | None, download: bool
) -> Path:
    name, title = source.entry.name, source.entry.title
    roots = search_roots(data_dir)
    place = source.find(roots)
    if place is not None:
        return place
    if source.entry.bundled:
        raise StudioError(f"{title} is missing from this installation; install VAE Studio again.")
    if plan_of(name) is None:
        raise StudioError(
            f"{title} is not on this computer: {source.entry.by_hand}.", details=_looked(roots)
        )
    if download:
        from vae_studio.data.download import fetch_set

        return fetch_set(name, data_dir or user_datasets_folder(), progress)
    offer = "" if is_offline() else f"download it ({host_and_size(name).sentence}), or "
    raise StudioError(
        f"{title} is not on this computer: {offer}{other_ways(name)}",
        details=_looked(roots),
    )


def _looked(roots: tuple[Path, ...]) -> str:
    return "\n".join(["Looked in:", *(shown(root) for root in roots)])


def _unknown(dataset: str) -> StudioError:
    close = difflib.get_close_matches(dataset.lower(), SOURCES, n=1)
    known = [*(name for name in SOURCES if ":" not in name), f"{MEDMNIST}:NAME"]
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return StudioError(
        f"There is no data set '{dataset}'.{hint} Known names: {', '.join(known)}; "
        "the path of a folder of pictures or of a file of arrays (.npz, .npy) works too."
    )
