"""Where data sets are looked for, in order."""

from __future__ import annotations

import os
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
