"""Downloads, against a server on this machine that is good, cuts, lies or is not there."""

from __future__ import annotations

import errno
import gzip
import hashlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from vae_studio.data import downloads
from vae_studio.data.catalog import host_and_size, is_present, load_splits
from vae_studio.data.download import fetch_set
from vae_studio.data.download_offline import forbid_connections
from vae_studio.data.progress import LoadCancelled
from vae_studio.data.search import user_datasets_folder
from vae_studio.domain.errors import StudioError

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def whole(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def cut_and_lying(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, body[: len(body) // 2])


def page(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, b"\n<!DOCTYPE html><html><body>Please log in</body></html>")


def quota(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, b"<html><title>Quota exceeded</title>Too many users</html>")


def swapped(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, gzip.compress(gzip.decompress(body)[:-1] + b"\x07"))


def missing(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_error(404, "Not Found")


def endless(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(bytes(1 << 16))
    except OSError:
        pass  # the other side has hung up, as it should


def repacked(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(handler, gzip.compress(gzip.decompress(body), compresslevel=1))


class Mirror:
    """A server on this machine; ``answer`` decides how it behaves, ``asked`` is what it was."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.answer: Answer = whole
        self.asked: list[str] = []
        self.ranges: list[str | None] = []
        self.files = files
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                mirror.asked.append(name)
                mirror.ranges.append(self.headers.get("Range"))
                mirror.answer(self, mirror.files[name])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def files(tmp_path_factory: pytest.TempPathFactory, idx_folder) -> dict[str, bytes]:
    """The four files as the publisher has them."""
    folder = idx_folder(tmp_path_factory.mktemp("publisher"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    mirror = Mirror(files)
    yield mirror
    mirror.close()


@pytest.fixture
def second_mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    mirror = Mirror(files)
    yield mirror
    mirror.close()


@pytest.fixture(autouse=True)
def plan(mirror: Mirror, files: dict[str, bytes], monkeypatch) -> downloads.DownloadPlan:
    """MNIST comes from the mirror, and its hashes are those of the small files."""
    monkeypatch.setenv("NO_PROXY", "*")
    small = tuple(
        downloads.PublishedFile(
            file.name,
            hashlib.sha256(gzip.decompress(files[file.name])).hexdigest(),
            len(files[file.name]),
        )
        for file in downloads.DOWNLOADS["mnist"].files
    )
    plan = replace(downloads.DOWNLOADS["mnist"], mirrors=(mirror.url,), files=small)
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", plan)
    return plan


def everything_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_that_a_set_is_fetched_once_and_then_found(mirror: Mirror, files) -> None:
    splits = load_splits("mnist", download=True)
    assert len(splits.test) == 20
    assert sorted(mirror.asked) == sorted(files)
    folder = user_datasets_folder() / "MNIST" / "raw"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert load_splits("mnist", download=True).fingerprint == splits.fingerprint
    assert len(mirror.asked) == 4


def test_that_nothing_is_fetched_unasked(mirror: Mirror) -> None:
    with pytest.raises(StudioError, match=r"not on this computer: download it \(0\.1 MB from 127"):
        load_splits("mnist")
    assert mirror.asked == []


def test_that_a_named_data_folder_gets_the_set(tmp_path: Path) -> None:
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert is_present("mnist", tmp_path)
    assert not is_present("mnist")


def test_that_a_repacked_archive_with_the_right_content_is_taken(mirror: Mirror) -> None:
    mirror.answer = repacked
    assert len(load_splits("mnist", download=True).test) == 20


def test_that_a_file_known_by_its_md5_alone_is_checked_as_it_travels(
    mirror: Mirror, plan: downloads.DownloadPlan, files, monkeypatch, tmp_path: Path
) -> None:
    md5_only = downloads.known_by_md5(
        *((name, len(body), hashlib.md5(body).hexdigest()) for name, body in files.items())
    )
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", replace(plan, files=md5_only))
    mirror.answer = repacked
    with pytest.raises(StudioError, match=r"than the published one \(MD5 differs\)"):
        load_splits("mnist", data_dir=tmp_path, download=True)
    assert everything_below(tmp_path) == []
    mirror.answer = whole
    assert len(load_splits("mnist", data_dir=tmp_path, download=True).test) == 20


def test_that_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("vae_studio.data.download_transfer.os.fsync", full)
    with pytest.raises(StudioError, match=r"ubyte\.gz' could not be written: the disk is full"):
        load_splits("mnist", data_dir=tmp_path, download=True)
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (cut, "the transfer was cut off: 127.0.0.1"),
        (cut_and_lying, "came damaged (it ends too early)"),
        (page, "a web page came instead of train-images-idx3-ubyte.gz"),
        (quota, "a quota page came instead of train-images-idx3-ubyte.gz"),
        (swapped, "another train-images-idx3-ubyte.gz came than the published one"),
        (missing, "404"),
        (endless, "far more was sent than the file holds"),
    ],
)
def test_that_a_wrong_body_is_named_for_what_it_is_and_never_kept(
    answer: Answer, reason: str, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.answer = answer
    with pytest.raises(StudioError) as caught:
        load_splits("mnist", data_dir=tmp_path, download=True)
    assert reason in str(caught.value)
    assert "--data-dir" in str(caught.value)
    assert everything_below(tmp_path) == []


def test_that_the_next_mirror_steps_in(
    mirror: Mirror, second_mirror: Mirror, plan, monkeypatch
) -> None:
    mirror.answer = page
    mirrors = (mirror.url, second_mirror.url)
    monkeypatch.setitem(downloads.DOWNLOADS, "mnist", replace(plan, mirrors=mirrors))
    assert len(load_splits("mnist", download=True).test) == 20
    assert len(mirror.asked) == len(second_mirror.asked) == 4


def test_that_a_second_try_fetches_only_what_is_missing(mirror: Mirror, tmp_path: Path) -> None:
    def only_first(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        (whole if len(mirror.asked) == 1 else missing)(handler, body)

    mirror.answer = only_first
    with pytest.raises(StudioError, match="404"):
        load_splits("mnist", data_dir=tmp_path, download=True)
    mirror.answer = whole
    load_splits("mnist", data_dir=tmp_path, download=True)
    assert mirror.asked.count("train-images-idx3-ubyte.gz") == 1


def test_that_without_a_network_one_sentence_says_what_to_do(plan, monkeypatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # nobody listens here
        mirrors = (f"http://127.0.0.1:{free.getsockname()[1]}/",)
        monkeypatch.setitem(downloads.DOWNLOADS, "mnist", replace(plan, mirrors=mirrors))
        with pytest.raises(StudioError, match=r"no connection \(is there a network\?\)") as caught:
            load_splits("mnist", download=True)
    assert "VAE_STUDIO_DATA" in str(caught.value)


def test_that_a_silent_server_is_given_up(mirror: Mirror, monkeypatch) -> None:
    monkeypatch.setattr("vae_studio.data.download_transfer.TIMEOUT_S", 0.2)
    given_up = threading.Event()

    def stalls(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:100])
        handler.wfile.flush()
        given_up.wait(20)

    mirror.answer = stalls
    with pytest.raises(StudioError, match=r"nothing came for|the transfer stopped|no connection"):
        load_splits("mnist", download=True)
    given_up.set()


@pytest.mark.parametrize("download", [False, True])
def test_that_offline_means_no_connection(download: bool, mirror: Mirror, monkeypatch) -> None:
    monkeypatch.setenv("VAE_STUDIO_OFFLINE", "1")
    with pytest.raises(StudioError) as caught:
        load_splits("mnist", download=download)
    assert ("VAE_STUDIO_OFFLINE=1 forbids" in str(caught.value)) == download
    assert "download it" not in str(caught.value)
    assert mirror.asked == []


def test_that_progress_names_host_and_size_and_ends_whole(mirror: Mirror) -> None:
    told: list[tuple[float, str]] = []
    load_splits("mnist", download=True, progress=lambda *news: told.append(news) or True)
    fetching = [(share, words) for share, words in told if words.startswith("Downloading MNIST")]
    assert fetching[0] == (0.0, "Downloading MNIST: 0.0 of 0.1 MB from 127.0.0.1")
    shares = [share for share, _ in fetching]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_that_a_download_can_be_cancelled_and_leaves_nothing(tmp_path: Path) -> None:
    calls: list[float] = []

    def stop(share: float, sentence: str) -> bool:
        calls.append(share)
        return share == 0.0

    with pytest.raises(LoadCancelled):
        load_splits("mnist", data_dir=tmp_path, download=True, progress=stop)
    assert calls[-1] > 0.0
    assert everything_below(tmp_path) == []


def test_that_the_offer_says_what_would_be_fetched(monkeypatch) -> None:
    monkeypatch.undo()
    offer = host_and_size("mnist")
    assert offer.sentence == "11.6 MB from ossci-datasets.s3.amazonaws.com"
    assert offer.licence.startswith("CC BY-SA 3.0")
    with pytest.raises(StudioError, match="'fashion-mini' cannot be downloaded"):
        host_and_size("fashion-mini")


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:12]}"'


def ranged(most: int, *, honest: bool = True) -> Answer:
    """A server that knows ranges and hangs up after ``most`` bytes."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        wanted = handler.headers.get("Range")
        start = 0
        if wanted and (not honest or handler.headers.get("If-Range") == tag_of(body)):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("ETag", tag_of(body))
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : start + most])

    return answer


FIRST = "train-images-idx3-ubyte.gz"


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


OFFLINE = """
import socket, sys
from vae_studio.data.download_offline import forbid_connections
from vae_studio.domain.errors import StudioError
forbid_connections()
socket.create_server(("127.0.0.1", 0)).close()
for reach in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.01),
    lambda: socket.getaddrinfo("pictures.invalid", 80),
    lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)),
):
    try:
        reach()
    except StudioError as wrong:
        print(wrong)
    except OSError:
        print("reached out")
"""


@pytest.mark.parametrize("offline", [True, False])
def test_that_offline_no_library_reaches_another_machine(offline: bool, monkeypatch) -> None:
    if not offline:  # the negative control looks at the hook alone: nothing here may reach out
        monkeypatch.delenv("VAE_STUDIO_OFFLINE", raising=False)
        hooks: list[object] = []
        monkeypatch.setattr(sys, "addaudithook", hooks.append)
        forbid_connections()
        assert hooks == []
        return
    monkeypatch.setenv("VAE_STUDIO_OFFLINE", "1")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("VAE_STUDIO_OFFLINE=1 forbids the connection to") for line in lines)
