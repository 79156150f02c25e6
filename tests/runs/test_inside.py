"""Nothing outside a run folder is read through it, whoever made the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.runs.inside import is_folder_inside, open_inside, read_inside

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "secret").write_bytes(b"secret")
    run = tmp_path / "run"
    (run / "part").mkdir(parents=True)
    (run / "part" / "file").write_bytes(b"abc")
    return run


def test_that_an_ordinary_file_is_read_up_to_its_limit(run: Path) -> None:
    assert read_inside(run, "part", "file", limit=3) == b"abc"
    with pytest.raises(StudioError, match="larger than the 2 bytes"):
        read_inside(run, "part", "file", limit=2)


def test_that_the_folder_itself_may_be_reached_through_a_link(run: Path, tmp_path: Path) -> None:
    (tmp_path / "short").symlink_to(run)
    assert read_inside(tmp_path / "short", "part", "file", limit=3) == b"abc"


@pytest.mark.parametrize("target", ["../secret", "/etc/passwd", "part/file"])
def test_that_a_link_in_place_of_a_file_is_refused(run: Path, target: str) -> None:
    (run / "manifest.json").symlink_to(target)
    with pytest.raises(StudioError, match="link that leads elsewhere"):
        read_inside(run, "manifest.json", limit=100)


def test_that_a_link_in_place_of_a_folder_is_refused(run: Path) -> None:
    (run / "checkpoints").symlink_to("../vault")
    with pytest.raises(StudioError, match="link that leads elsewhere"):
        read_inside(run, "checkpoints", "secret", limit=100)
    with pytest.raises(StudioError, match="link that leads elsewhere"):
        is_folder_inside(run, "checkpoints")


def test_that_names_which_climb_out_are_refused(run: Path) -> None:
    with pytest.raises(StudioError, match="leads elsewhere"):
        read_inside(run, "..", "secret", limit=100)


def test_that_a_pipe_or_a_folder_does_not_make_the_reader_wait(run: Path) -> None:
    os.mkfifo(run / "pipe")
    for name in ("pipe", "part"):
        with pytest.raises(StudioError, match="not an ordinary file"):
            open_inside(run, name)


def test_that_a_missing_file_is_named(run: Path) -> None:
    with pytest.raises(StudioError, match=r"gone' could not be read: it .* does not exist"):
        read_inside(run, "gone", limit=1)


def test_that_a_missing_folder_is_no_error_and_a_file_in_its_place_is(run: Path) -> None:
    assert is_folder_inside(run, "part")
    assert not is_folder_inside(run, "gone")
    (run / "checkpoints").write_bytes(b"")
    with pytest.raises(StudioError, match="should be a folder"):
        is_folder_inside(run, "checkpoints")
