"""Downloads that are cut, cancelled, redirected or lied to, and what becomes of their parts."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.mirrors import (
    FIRST,
    Mirror,
    cut,
    everything_below,
    missing,
    page,
    ranged,
    swapped,
    whole,
)

from vae_studio.data import downloads
from vae_studio.data.catalog import is_present, load_splits
from vae_studio.data.download import fetch_set
from vae_studio.data.progress import LoadCancelled
from vae_studio.domain.errors import StudioError


def parts_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob(".vae-studio-*"))


def test_that_a_transfer_that_is_cut_goes_on_where_it_was(mirror: Mirror, files, tmp_path) -> None:
    mirror.answer = ranged(15_000)
    assert len(load_splits("mnist", data_dir=tmp_path, download=True).test) == 20
    tries = -(-len(files[FIRST]) // 15_000)
    assert mirror.asked.count(FIRST) == tries > 2
    assert mirror.ranges[:3] == [None, "bytes=15000-", "bytes=30000-"]
    assert parts_below(tmp_path) == []


def test_that_a_cancelled_download_goes_on_later(mirror: Mirror, files, tmp_path: Path) -> None:
    mirror.answer = ranged(1 << 30)
    body = mirror.files[FIRST]
    mirror.files = {**files, FIRST: body}

    def stop(share: float, sentence: str) -> bool:
        return share == 0.0

    with pytest.raises(LoadCancelled):
        load_splits("mnist", data_dir=tmp_path, download=True, progress=stop)
    part = next(path for path in parts_below(tmp_path) if path.suffix == ".part")
    part.write_bytes(body[:7_000])  # however far it came
    assert not is_present("mnist", tmp_path)
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert "bytes=7000-" in mirror.ranges
    assert parts_below(tmp_path) == []
    assert (tmp_path / "MNIST" / "raw" / FIRST).read_bytes() == body


def test_that_a_file_that_changed_between_two_tries_starts_over(
    mirror: Mirror, files, tmp_path: Path
) -> None:
    old = gzip.compress(gzip.decompress(files[FIRST])[::-1])
    mirror.files = {**files, FIRST: old}

    def once(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        ranged(9_000)(handler, body)
        mirror.files = files
        mirror.answer = ranged(1 << 30)

    mirror.answer = once
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert mirror.ranges[:2] == [None, "bytes=9000-"]  # answered with 200 and the whole new file
    assert (tmp_path / "MNIST" / "raw" / FIRST).read_bytes() == files[FIRST]


def test_that_a_server_that_lies_about_its_ranges_is_asked_for_the_whole(
    mirror: Mirror, files, tmp_path: Path
) -> None:
    mirror.files = {**files, FIRST: gzip.compress(gzip.decompress(files[FIRST])[::-1])}

    def once(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        ranged(9_000)(handler, body)
        mirror.files = files
        mirror.answer = ranged(1 << 30, honest=False)  # goes on with another file

    mirror.answer = once
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert mirror.ranges[:3] == [None, "bytes=9000-", None]
    assert (tmp_path / "MNIST" / "raw" / FIRST).read_bytes() == files[FIRST]


def test_that_a_part_that_is_too_long_starts_over(mirror: Mirror, files, tmp_path: Path) -> None:
    mirror.answer = ranged(9_000)
    with pytest.raises(LoadCancelled):
        load_splits(
            "mnist", data_dir=tmp_path, download=True, progress=lambda share, _: share == 0.0
        )
    part = next(path for path in parts_below(tmp_path) if path.suffix == ".part")
    part.write_bytes(bytes(len(files[FIRST]) + 5))
    mirror.answer = ranged(1 << 30)
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert (tmp_path / "MNIST" / "raw" / FIRST).read_bytes() == files[FIRST]


def test_that_the_part_of_one_mirror_is_not_gone_on_with_from_another(
    mirror: Mirror, second_mirror: Mirror, plan, files, monkeypatch, tmp_path: Path
) -> None:
    def once(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        ranged(9_000)(handler, body)
        mirror.answer = missing

    mirror.answer = once
    second_mirror.answer = ranged(1 << 30)
    mirrors = (mirror.url, second_mirror.url)
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", replace(plan, mirrors=mirrors))
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert second_mirror.ranges[0] is None


def test_that_a_redirect_is_followed_and_a_circle_is_named(mirror: Mirror, tmp_path: Path) -> None:
    def away(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", mirror.url + handler.path.removeprefix("/"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        if mirror.asked.count(FIRST) == 3:
            mirror.answer = once_more

    def once_more(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        mirror.answer = whole
        whole(handler, body)

    mirror.answer = away
    load_splits("mnist", data_dir=tmp_path, download=True)
    (tmp_path / "MNIST" / "raw" / FIRST).unlink()
    mirror.asked.clear()
    mirror.answer = lambda handler, body: (
        mirror.asked.clear(), away(handler, body)
    )  # fmt: skip
    with pytest.raises(StudioError, match="from one address to the next without end"):
        load_splits("mnist", data_dir=tmp_path, download=True)
    assert parts_below(tmp_path) == []


@pytest.mark.parametrize("before_headers", [True, False])
def test_that_a_cancel_is_answered_at_once_though_the_server_is_silent(
    before_headers: bool, mirror: Mirror, tmp_path: Path
) -> None:
    released, asked = threading.Event(), threading.Event()

    def silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if not before_headers:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
        asked.set()
        released.wait(20)

    wished_away: list[float] = []

    def progress(share: float, sentence: str) -> bool:
        if asked.is_set() and not wished_away:
            wished_away.append(time.perf_counter())
            return True
        return not wished_away

    mirror.answer = silent
    with pytest.raises(LoadCancelled):
        load_splits("mnist", data_dir=tmp_path, download=True, progress=progress)
    took = time.perf_counter() - wished_away[0]
    released.set()
    assert took < 0.2
    assert everything_below(tmp_path) == []


def test_that_the_proxy_of_the_system_is_asked(mirror: Mirror, plan, monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", mirror.url)
    far = ("http://pictures.invalid/",)  # a name that no resolver knows: only the proxy could
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", replace(plan, mirrors=far))
    mirror.files = {f"{far[0]}{name}": body for name, body in mirror.files.items()}
    assert len(load_splits("mnist", data_dir=tmp_path, download=True).test) == 20


def test_that_a_bad_download_never_takes_the_place_of_a_good_set(
    mirror: Mirror, tmp_path: Path, files
) -> None:
    load_splits("mnist", data_dir=tmp_path, download=True)
    folder = tmp_path / "MNIST" / "raw"
    (folder / FIRST).write_bytes(b"damaged by hand")
    for answer in (swapped, page, cut, missing):
        mirror.answer = answer
        with pytest.raises(StudioError):
            fetch_set("mnist", tmp_path)
        assert (folder / FIRST).read_bytes() == b"damaged by hand"
    mirror.answer = whole
    fetch_set("mnist", tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
