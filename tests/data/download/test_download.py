"""Downloads, from a server on this machine that is good, cuts, lies or is not there."""

from __future__ import annotations

import errno
import hashlib
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.mirrors import (
    Answer,
    Mirror,
    cut,
    cut_and_lying,
    endless,
    everything_below,
    missing,
    page,
    quota,
    repacked,
    swapped,
    whole,
)

from vae_studio.data import downloads
from vae_studio.data.catalog import host_and_size, is_present, load_splits
from vae_studio.data.download_offline import forbid_connections
from vae_studio.data.progress import LoadCancelled
from vae_studio.data.search import user_datasets_folder
from vae_studio.domain.errors import StudioError


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
