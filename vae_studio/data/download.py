"""Fetching a published set, only when the person asked for it: checked whole before it is kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

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

TIMEOUT_S = 20.0  # without a byte
CHUNK_BYTES = 1 << 16  # between two chances to cancel
MOST_GROWTH = 8  # a proxy may unpack on the way; what grows further is something else


class _MirrorFailed(Exception):  # noqa: N818 - why one mirror did not serve; the next is tried
    """One sentence fragment: the reason."""


def fetch_set(name: str, root: Path, progress: Progress | None = None) -> Path:
    """Download a set below ``root`` and return its folder. Files that are there already and are
    right stay. Nothing wrong or incomplete is ever put in place.

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


class _Body:
    """What a server sends, on its way to the disk: counted, capped, and stopped when the person
    cancels.
    """

    def __init__(self, part: BinaryIO, file: PublishedFile, host: str, tally: _Tally) -> None:
        self._part, self._file, self._host, self._tally = part, file, host, tally

    def write(self, chunk: bytes) -> int:
        written = self._part.write(chunk)
        self._tally.report(self._host, self.tell())
        if self.tell() > MOST_GROWTH * self._file.packed_bytes + CHUNK_BYTES:
            raise _MirrorFailed("far more was sent than the file holds")
        return written

    def flush(self) -> None:
        self._part.flush()

    def tell(self) -> int:
        return self._part.tell()


def _put_in_place(
    name: str, plan: DownloadPlan, file: PublishedFile, place: Path, tally: _Tally
) -> None:
    """Fetch one file beside its place, and move it there once it is right."""
    target = place / file.name
    part = place / f"{TEMPORARY_PREFIX}{file.name}{TEMPORARY_SUFFIX}"
    try:
        _from_any_mirror(name, plan, file, part, tally)
        os.replace(part, target)
        sync_folder(place)
    except OSError as error:
        raise cannot("written", target, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _from_any_mirror(
    name: str, plan: DownloadPlan, file: PublishedFile, part: Path, tally: _Tally
) -> None:
    hosts_by_reason: dict[str, list[str]] = {}
    for mirror in plan.mirrors:
        try:
            return _from_mirror(mirror, file, part, tally)
        except _MirrorFailed as failed:
            hosts_by_reason.setdefault(str(failed), []).append(host_of(mirror))
    reasons = [f"{reason}: {', '.join(hosts)}" for reason, hosts in hosts_by_reason.items()]
    raise StudioError(
        f"{tally.offer.title} could not be downloaded; {'; '.join(reasons)}. "
        f"Try again later, or {other_ways(name)}"
    )


def _from_mirror(mirror: str, file: PublishedFile, part: Path, tally: _Tally) -> None:
    import pooch  # type: ignore[import-untyped]  # here, because it takes 0.2 s

    tally.report(host_of(mirror), 0)
    download = pooch.HTTPDownloader(
        chunk_size=CHUNK_BYTES, timeout=TIMEOUT_S, headers={"Accept-Encoding": "identity"}
    )
    with part.open("wb") as opened:
        body = _Body(opened, file, host_of(mirror), tally)
        with _reasons_in_words(body):
            download(mirror + file.name, body, None)
        opened.flush()
        os.fsync(opened.fileno())
    _check(part, file)


@contextmanager
def _reasons_in_words(body: _Body) -> Iterator[None]:
    import requests

    try:
        yield
    except requests.HTTPError as error:
        answer = str(error).split(" for url:")[0].removesuffix(":")
        raise _MirrorFailed(f"the answer is '{answer}'") from None
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        raise _MirrorFailed("the transfer was cut off") from None
    except requests.Timeout:
        raise _MirrorFailed(f"nothing came for {TIMEOUT_S:.0f} s") from None
    except requests.exceptions.SSLError:
        raise _MirrorFailed("the server does not prove who it is (certificate)") from None
    except requests.ConnectionError:
        started = body.tell() > 0
        reason = "the transfer stopped" if started else "no connection (is there a network?)"
        raise _MirrorFailed(reason) from None
    except requests.RequestException as error:
        raise _MirrorFailed(f"the request failed ({type(error).__name__})") from None


def _check(path: Path, file: PublishedFile) -> None:
    with path.open("rb") as opened:
        start = opened.read(65_536).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        page = "a quota page" if b"quota" in start else "a web page"
        raise _MirrorFailed(f"{page} came instead of {file.name}")
    if file.md5:
        digest, wanted, kind = md5_of(path), file.md5, "MD5"
    else:
        digest, wanted, kind = _sha256_of_content(path, file), file.sha256, "SHA-256"
    if digest != wanted:
        raise _MirrorFailed(f"another {file.name} came than the published one ({kind} differs)")


def _sha256_of_content(path: Path, file: PublishedFile) -> str:
    try:
        return hashlib.sha256(decompressed(path.read_bytes())).hexdigest()
    except ValueError as wrong:
        raise _MirrorFailed(f"{file.name} came damaged ({wrong})") from None


def _is_right(path: Path, file: PublishedFile) -> bool:
    try:
        _check(path, file)
    except (OSError, _MirrorFailed):
        return False
    return True


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("made", place, error) from error
