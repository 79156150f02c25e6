"""Folders by name: remembered, told apart, and no path leaves this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from vae_studio.data.places import folder_of, known_folders, remember_folder
from vae_studio.data.search import user_data_folder
from vae_studio.domain.errors import StudioError


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_that_a_folder_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "scans")
    assert remember_folder(folder) == "folder:scans"
    monkeypatch.chdir(tmp_path)
    assert remember_folder(Path("scans")) == "folder:scans"
    assert folder_of("folder:scans") == folder
    assert list(known_folders()) == ["scans"]


def test_that_two_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folders = [make(tmp_path / parent / "scans") for parent in "abc"]
    names = [remember_folder(folder) for folder in folders]
    assert names == ["folder:scans", "folder:scans-2", "folder:scans-3"]
    assert [folder_of(name) for name in names] == folders


def test_that_names_are_short_and_printable(tmp_path: Path) -> None:
    assert remember_folder(make(tmp_path / ("x" * 200))) == "folder:" + "x" * 80
    assert remember_folder(make(tmp_path / "a\tb")) == "folder:a�b"


def test_that_what_is_no_folder_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "gone", tmp_path / ("y" * 400)):
        with pytest.raises(StudioError, match="is not a folder"):
            remember_folder(path)
    assert known_folders() == {}


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": 3}', "null", "\x00\xff"])
def test_that_a_damaged_list_is_started_afresh(content: str, tmp_path: Path) -> None:
    file = user_data_folder() / "places.json"
    make(file.parent)
    file.write_text(content, encoding="latin-1")
    assert known_folders() == {}
    assert remember_folder(make(tmp_path / "scans")) == "folder:scans"
    assert list(known_folders()) == ["scans"]
