"""The user's own pictures by name: a run's config holds "folder:scans" and never a path. Most are
folders; a file of arrays or a table of labels has its name in the same way.

The names live in ``places.json`` in the user's data folder, on this machine only.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from vae_studio.data.search import user_data_folder
from vae_studio.domain.atomic import cannot, shown, write_atomically
from vae_studio.domain.errors import StudioError

PREFIX = "folder:"
FILE_SUFFIXES = frozenset({".npz", ".npy", ".csv"})
LONGEST_NAME = 80  # it stands in titles, run names and tables


def remember_folder(path: Path) -> str:
    """Give a folder (or one of the files we know) a name and return "folder:NAME"; the same folder
    keeps its name.

    Raises StudioError when there is no such folder.
    """
    folder = Path(os.path.realpath(os.path.expanduser(path)))
    if not is_own(folder):
        files = ", ".join(sorted(FILE_SUFFIXES))
        raise StudioError(
            f"'{shown(folder)}' is not a folder, nor a file of a known kind ({files})."
        )
    known = known_folders()
    for name, place in known.items():
        if place == folder:
            return PREFIX + name
    name = _free_name(folder, known)
    _write({**known, name: folder})
    return PREFIX + name


def is_own(path: Path) -> bool:
    """Whether pictures can be looked for here: a folder, or a file of a kind we know."""
    return os.path.isdir(path) or (path.suffix.lower() in FILE_SUFFIXES and os.path.isfile(path))


def split_options(dataset: str) -> tuple[str, str]:
    """A path or name, and the options behind it: ",window=400,level=40" or nothing."""
    found = re.fullmatch(r"(.+?)((?:,(?:window|level)=[^,]*)*)", dataset, re.DOTALL)
    return (found[1], found[2]) if found else (dataset, "")


def folder_of(dataset: str) -> Path:
    """The folder or file behind "folder:NAME"; raises StudioError when it is unknown or gone."""
    name = dataset.removeprefix(PREFIX)
    folder = known_folders().get(name)
    if folder is None:
        raise StudioError(
            f"This computer knows no folder of pictures named '{name}'; choose the folder itself."
        )
    if not is_own(folder):
        raise StudioError(
            f"The pictures '{name}' are no longer at '{shown(folder)}'; put them back "
            "or choose the folder they are in now."
        )
    return folder


def known_folders() -> dict[str, Path]:
    """Every remembered folder by name, oldest first; none when the list cannot be read."""
    try:
        entries = json.loads(_file().read_text(encoding="utf-8"))
        return {str(name): Path(place) for name, place in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # a lost list costs a person one more choice of folder, and nothing else


def _free_name(folder: Path, taken: dict[str, Path]) -> str:
    clean = "".join(c if c.isprintable() else "�" for c in folder.name)
    wanted = name = clean.strip()[:LONGEST_NAME] or "pictures"
    count = 1
    while name in taken:
        count += 1
        name = f"{wanted}-{count}"
    return name


def _write(places: dict[str, Path]) -> None:
    text = json.dumps({name: str(place) for name, place in places.items()}, indent=2)
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("made", _file().parent, error) from error
    write_atomically(_file(), text.encode())


def _file() -> Path:
    return user_data_folder() / "places.json"
