"""What the window remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from vae_studio.ui.settings import RECENT_RUNS, Settings


def test_that_settings_come_back(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.set_theme("dark")
    settings.set_folder("export", "/pictures")
    settings.add_recent_run("/runs/a")
    again = Settings(tmp_path)
    assert again.theme == "dark"
    assert again.folder("export") == "/pictures"
    assert again.recent_runs == ("/runs/a",)


def test_that_recent_runs_are_few_and_newest_first(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for number in range(15):
        settings.add_recent_run(f"/runs/{number}")
    settings.add_recent_run("/runs/9")
    assert settings.recent_runs[:2] == ("/runs/9", "/runs/14")
    assert len(settings.recent_runs) == RECENT_RUNS


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"theme": 3, "recent_runs": {}, "folders": []}', "\x00"]
)
def test_that_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    settings = Settings(tmp_path)
    assert (settings.theme, settings.recent_runs, settings.folder("export")) == ("system", (), "")
    settings.set_folder("export", "/x")
    assert Settings(tmp_path).folder("export") == "/x"


def test_that_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    settings = Settings(tmp_path / "config")
    settings.set_theme("dark")
    assert settings.theme == "dark"
