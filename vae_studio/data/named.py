"""From a name to the source behind it, and from a source to where it is downloaded from."""

from __future__ import annotations

from vae_studio.data.celeba import NAME as CELEBA
from vae_studio.data.celeba import celeba_source
from vae_studio.data.downloads import DOWNLOADS, DownloadPlan
from vae_studio.data.medmnist import NAME as MEDMNIST
from vae_studio.data.medmnist import MedSource, medmnist_source
from vae_studio.data.places import PREFIX
from vae_studio.data.published import SOURCES
from vae_studio.data.shapes_source import NAME as SHAPES
from vae_studio.data.shapes_source import shapes_source
from vae_studio.data.source import Source


def source_of(name: str, size: int = 0, seed: int = 0) -> Source | None:
    """The source behind a name, or None when nothing is called that. ``size`` and ``seed`` as in
    ``load_splits``. Raises StudioError for an unknown folder or option.
    """
    if name.startswith(PREFIX):
        from vae_studio.data.own import own_source  # with Pillow: not before the first paint

        return own_source(name, size, seed)
    family, _, options = name.partition(":")
    if family == SHAPES:
        return shapes_source(options, seed)
    if family == MEDMNIST:
        return medmnist_source(options)
    if family == CELEBA:
        return celeba_source(options, size, seed)
    return SOURCES.get(name)


def plan_of(name: str) -> DownloadPlan | None:
    """Where the set of this name is downloaded from, or None."""
    source = source_of(name)
    if isinstance(source, MedSource):
        return source.member.plan(source.side)
    return DOWNLOADS.get(name)
