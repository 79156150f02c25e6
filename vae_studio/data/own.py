"""What lies behind "folder:NAME": pictures, faces with CelebA's list, DICOM files, a file of
arrays, or a table of labels.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from vae_studio.data.array_source import ArraySource
from vae_studio.data.celeba import ENTRY, FOLDER, ZIP, CelebaSource, pictures_with_list
from vae_studio.data.dicom_source import DicomSource, holds_dicom
from vae_studio.data.folder import FolderSource
from vae_studio.data.places import PREFIX, folder_of, split_options
from vae_studio.data.source import Source
from vae_studio.domain.errors import StudioError
from vae_studio.imaging.window import Window


def own_source(dataset: str, size: int = 0, seed: int = 0) -> Source:
    """The source of "folder:NAME" or "folder:NAME,window=400,level=40"; StudioError when it is
    unknown or gone, or when the window is none.
    """
    own, options = split_options(dataset)
    window = _window_in(options)
    place, title = folder_of(own), own.removeprefix(PREFIX)
    if window:
        title += f" (window {window.width:g}, level {window.level:g})"
        own += f",window={window.width:g},level={window.level:g}"
    return _source_at(place, own, title, size, seed, window)


def _source_at(
    place: Path, name: str, title: str, size: int, seed: int, window: Window | None
) -> Source:
    if place.suffix.lower() == ".csv" and place.is_file():
        return FolderSource(name, title, place.parent, size, seed, window, table=place)
    if place.is_file():
        return ArraySource(name, title, place, size, seed, window)
    faces = pictures_with_list(place) or pictures_with_list(place.parent)
    if faces and faces in (place, place / FOLDER, place / FOLDER / FOLDER, place / ZIP):
        entry = replace(ENTRY, name=name, title=title, by_hand="")
        return CelebaSource(entry, size, seed, place=faces)
    if holds_dicom(place):
        return DicomSource(name, title, place, size, seed, window)
    return FolderSource(name, title, place, size, seed, window)


def _window_in(options: str) -> Window | None:
    if not options:
        return None
    given = dict(option.split("=") for option in options[1:].split(","))
    try:
        window = Window(float(given["window"]), float(given["level"]))
    except (KeyError, ValueError):
        window = Window(0.0, 0.0)
    if not (0 < window.width < math.inf and math.isfinite(window.level)):
        raise StudioError(
            f"A window is two numbers, such as ',window=400,level=40'; '{options[1:]}' is not."
        )
    return window
