"""The catalog of data sets, and the one function that loads any of them."""

from __future__ import annotations

import difflib
from pathlib import Path

from vae_studio.data.image_set import DataSplits
from vae_studio.data.progress import Progress, report
from vae_studio.data.published import SOURCES
from vae_studio.data.search import search_roots
from vae_studio.data.source import DataEntry
from vae_studio.data.splits import assemble, check_wishes
from vae_studio.domain.errors import StudioError

__all__ = ["DataEntry", "entries", "is_present", "load_splits"]


def entries() -> tuple[DataEntry, ...]:
    """Every set with a name, in the order in which they are offered."""
    return tuple(source.entry for source in SOURCES.values())


def is_present(name: str, data_dir: Path | None = None) -> bool:
    """Whether a set could be loaded now, without a network."""
    return name in SOURCES and SOURCES[name].find(search_roots(data_dir)) is not None


def load_splits(
    dataset: str,
    *,
    data_dir: Path | None = None,
    size: int = 0,
    validation: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
) -> DataSplits:
    """Load a set by its name."""
    check_wishes(size, validation)
    source = SOURCES.get(dataset)
    if source is None:
        raise unknown(dataset)
    place = source.find(search_roots(data_dir))
    if place is None:
        raise StudioError(f"{source.entry.title} is not on this computer.")
    pictures = source.read(place, progress)
    entry = source.entry
    splits = assemble(
        pictures, name=dataset, title=entry.title, licence=entry.licence,
        size=size, validation=validation, seed=seed,
    )  # fmt: skip
    report(progress, 1.0, f"{entry.title} is ready")
    return splits


def unknown(dataset: str) -> StudioError:
    """The sentence for a name that is neither in the catalog nor a folder."""
    close = difflib.get_close_matches(dataset.lower(), SOURCES, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return StudioError(
        f"There is no data set '{dataset}'.{hint} Known names: {', '.join(SOURCES)}; "
        "the path of a folder of pictures works too."
    )
