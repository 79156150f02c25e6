"""Fetching a published set, only when the person asked for it: checked whole before it is kept."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from vae_studio.data.download_transfer import MirrorFailed, Part, transfer
from vae_studio.data.downloads import DownloadPlan, PublishedFile
from vae_studio.data.idx import decompressed
from vae_studio.data.members import md5_of
from vae_studio.data.named import plan_of
from vae_studio.data.offer import (
    DownloadOffer,
    host_and_size,
    host_of,
    is_offline,
    other_ways,
)
from vae_studio.data.progress import Progress, report
from vae_studio.domain.atomic import (
    TEMPORARY_PREFIX,
    TEMPORARY_SUFFIX,
    cannot,
    sync_folder,
)
from vae_studio.domain.errors import StudioError

MOST_TRIES = 20  # of one mirror, as long as each brings more


def fetch_set(name: str, root: Path, progress: Progress | None = None) -> Path:
    """Download a set below ``root`` and return its folder. Files that are there already and are
    right stay, and so does what a cut or cancelled download brought, for the next to go on with.
    Nothing wrong or incomplete is ever put in place.

    Raises StudioError (no network, wrong content, disk) or LoadCancelled.
    """
    offer, plan = host_and_size(name), plan_of(name)
    assert plan is not None  # there is an offer
    if is_offline():
        raise StudioError(
            f"VAE_STUDIO_OFFLINE=1 forbids the download of {offer.title}; unset it, or "
            f"{other_ways(name)}"
        )
    place = root / plan.folder
    _make_folder(place)
    before = 0
    for file in plan.files:
        if not _is_right(place / file.name, file):
            tally = _Tally(offer, before, progress)
            _put_in_place(name, plan, file, place, tally)
        before += file.packed_bytes
    return place


@dataclass
class _Tally:
    """Turns bytes of one file into progress of the whole download."""

    offer: DownloadOffer
    before: int
    progress: Progress | None

    def report(self, host: str, received: int) -> None:
        done = min(self.before + received, self.offer.bytes)
        sentence = f"{done / 1e6:.1f} of {self.offer.bytes / 1e6:.1f} MB from {host}"
        report(
            self.progress, done / self.offer.bytes, f"Downloading {self.offer.title}: {sentence}"
        )


def _put_in_place(
    name: str, plan: DownloadPlan, file: PublishedFile, place: Path, tally: _Tally
) -> None:
    """Fetch one file beside its place, and move it there once it is right. What can be gone on
    with stays; the rest goes.
    """
    target = place / file.name
    part = Part(place / f"{TEMPORARY_PREFIX}{file.name}{TEMPORARY_SUFFIX}")
    keep = False
    try:
        _from_any_mirror(name, plan, file, part, tally)
        os.replace(part.path, target)
        sync_folder(place)
    except OSError as error:
        raise cannot("written", target, error) from error
    except BaseException:  # a cancel, or no mirror served
        keep = part.can_go_on
        raise
    finally:
        if not keep:
            part.remove()


def _from_any_mirror(
    name: str, plan: DownloadPlan, file: PublishedFile, part: Part, tally: _Tally
) -> None:
    hosts_by_reason: dict[str, list[str]] = {}
    for mirror in plan.mirrors:
        try:
            return _from_mirror(mirror, file, part, tally)
        except MirrorFailed as failed:
            hosts_by_reason.setdefault(str(failed), []).append(host_of(mirror))
    reasons = [f"{reason}: {', '.join(hosts)}" for reason, hosts in hosts_by_reason.items()]
    raise StudioError(
        f"{tally.offer.title} could not be downloaded; {'; '.join(reasons)}. "
        f"Try again later, or {other_ways(name)}"
    )


def _from_mirror(mirror: str, file: PublishedFile, part: Part, tally: _Tally) -> None:
    """The whole file from one mirror: a transfer that is cut goes on while each try brings more,
    and a wrong whole that was put together from two tries gets one try in one piece.
    """
    host, url = host_of(mirror), mirror + file.name
    for _ in range(MOST_TRIES):
        before = _size(part.path) if part.validator(url) else 0
        try:
            transfer(url, file, part, lambda received: tally.report(host, received))
            return _check(part.path, file)
        except MirrorFailed as failed:
            if not failed.cut:
                part.remove()
            if not (before if not failed.cut else _size(part.path) > before and part.can_go_on):
                raise
            last = failed
    raise last


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check(path: Path, file: PublishedFile) -> None:
    with path.open("rb") as opened:
        start = opened.read(65_536).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        page = "a quota page" if b"quota" in start else "a web page"
        raise MirrorFailed(f"{page} came instead of {file.name}")
    if file.md5:
        digest, wanted, kind = md5_of(path), file.md5, "MD5"
    else:
        digest, wanted, kind = _sha256_of_content(path, file), file.sha256, "SHA-256"
    if digest != wanted:
        raise MirrorFailed(f"another {file.name} came than the published one ({kind} differs)")


def _sha256_of_content(path: Path, file: PublishedFile) -> str:
    try:
        return hashlib.sha256(decompressed(path.read_bytes())).hexdigest()
    except ValueError as wrong:
        raise MirrorFailed(f"{file.name} came damaged ({wrong})") from None


def _is_right(path: Path, file: PublishedFile) -> bool:
    try:
        _check(path, file)
    except (OSError, MirrorFailed):
        return False
    return True


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("made", place, error) from error
