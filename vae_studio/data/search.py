"""Where data sets are looked for, in order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError

DEBIAN_DATASETS = Path("/usr/share/datasets")  # packages named dataset-*


def user_data_folder() -> Path:
    """Where the app keeps what belongs to this user (it may not exist yet)."""
    return Path(platformdirs.user_data_dir("vae-studio", appauthor=False))


def user_datasets_folder() -> Path:
    """Where downloads go when no folder is named."""
    return user_data_folder() / "datasets"


def search_roots(data_dir: Path | None = None) -> tuple[Path, ...]:
    """The folders to look in: ``data_dir``, VAE_STUDIO_DATA (several, separated as in PATH), the
    user's data folder, Debian's. Raises StudioError when ``data_dir`` is given and is no folder.
    """
    if data_dir is not None and not os.path.isdir(data_dir):
        raise StudioError(f"The data folder '{shown(data_dir)}' does not exist; check --data-dir.")
    named = os.environ.get("VAE_STUDIO_DATA", "").split(os.pathsep)
    roots = [data_dir] if data_dir is not None else []
    roots += [Path(os.path.expanduser(folder)) for folder in named if folder]
    return tuple(dict.fromkeys([*roots, user_datasets_folder(), DEBIAN_DATASETS]))


def folder_with(roots: Sequence[Path], folders: Sequence[str], files: Sequence[str]) -> Path | None:
    """The first of ``folders`` under one of ``roots``, in the order of the roots, that holds all of
    ``files``; the folder "" is the root itself.
    """
    for root in roots:
        for folder in folders:
            # os.path: Path.is_file raises where a folder is closed to us
            if all(os.path.isfile(root / folder / file) for file in files):
                return root / folder
    return None
