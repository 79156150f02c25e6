"""What the window remembers between starts, as one small JSON file that can always be deleted."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import platformdirs

from vae_studio.domain.atomic import write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.ui.theme import MODES, Mode

APP = "vae-studio"
RECENT_RUNS = 10

_log = logging.getLogger(__name__)


def config_folder() -> Path:
    """Where settings and layout are kept for this person."""
    return Path(platformdirs.user_config_dir(APP, appauthor=False))


class Settings:
    """Theme, recent runs, folders last used. A damaged file counts as none."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or config_folder()) / "settings.json"
        self._values = _read(self._file)

    @property
    def theme(self) -> Mode:
        """ "system", "light" or "dark"."""
        found = self._values.get("theme")
        return next((mode for mode in MODES if mode == found), "system")

    def set_theme(self, mode: str) -> None:
        """Remember the theme."""
        self._put("theme", mode)

    @property
    def recent_runs(self) -> tuple[str, ...]:
        """Paths of run folders, newest first."""
        runs = self._values.get("recent_runs", [])
        return tuple(r for r in runs if isinstance(r, str)) if isinstance(runs, list) else ()

    def add_recent_run(self, path: str) -> None:
        """Put a run folder at the top of the list."""
        others = [run for run in self.recent_runs if run != path]
        self._put("recent_runs", [path, *others][:RECENT_RUNS])

    def forget_recent_run(self, path: str) -> None:
        """Take a run folder off the list."""
        self._put("recent_runs", [run for run in self.recent_runs if run != path])

    def folder(self, purpose: str) -> str:
        """The folder last used for a purpose ("export", "run"); empty when none was."""
        folders = self._values.get("folders")
        found = folders.get(purpose, "") if isinstance(folders, dict) else ""
        return found if isinstance(found, str) else ""

    def set_folder(self, purpose: str, path: str) -> None:
        """Remember a folder for a purpose."""
        folders = self._values.get("folders")
        self._put("folders", {**(folders if isinstance(folders, dict) else {}), purpose: path})

    def _put(self, name: str, value: Any) -> None:
        if self._values.get(name) == value:
            return
        self._values[name] = value
        save(self._file, self._values)


def save(file: Path, values: dict[str, Any]) -> None:
    """Write JSON whole. A full disk must not keep the window from closing: it is only logged."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(values, indent=1, ensure_ascii=False).encode())
    except (OSError, StudioError) as wrong:
        _log.info("not remembered: %s", wrong)


def _read(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
