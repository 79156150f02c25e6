"""What a download would bring and from where, to be shown before anything is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from vae_studio.data.download_offline import is_offline as is_offline
from vae_studio.data.downloads import DOWNLOADS
from vae_studio.data.named import plan_of, source_of
from vae_studio.domain.errors import StudioError


@dataclass(frozen=True)
class DownloadOffer:
    """What pressing *Download* would do, to be shown first. ``bytes`` is what travels, about."""

    name: str
    title: str
    host: str
    bytes: int
    licence: str

    @property
    def sentence(self) -> str:
        """Size and host in words."""
        return f"{self.bytes / 1e6:.1f} MB from {self.host}"


def host_and_size(name: str) -> DownloadOffer:
    """What would be fetched for a set; raises StudioError when it cannot be downloaded."""
    source, plan = source_of(name), plan_of(name)
    if source is None or plan is None:
        known = ", ".join([*DOWNLOADS, "medmnist:NAME"])
        raise StudioError(f"'{name}' cannot be downloaded; these can: {known}.")
    entry = source.entry
    total = sum(file.packed_bytes for file in plan.files)
    return DownloadOffer(name, entry.title, host_of(plan.mirrors[0]), total, entry.licence)


def other_ways(name: str) -> str:
    """How to get a set without a download, as the end of an error message."""
    ways = "put its files into a folder and name that with --data-dir or VAE_STUDIO_DATA"
    plan = plan_of(name)
    return f"{ways}; {plan.elsewhere}." if plan and plan.elsewhere else f"{ways}."


def host_of(url: str) -> str:
    """The name of the machine behind an address."""
    return urlsplit(url).hostname or url
