"""Home, settings and process-wide switches: every test gets its own and leaves them as found."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

HOME_VARIABLES = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CACHE_HOME": ".cache",
    "XDG_STATE_HOME": ".local/state",
}


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder; settings, runs and data of the person's own are out of reach."""
    home = tmp_path_factory.mktemp("home")
    for name, below in HOME_VARIABLES.items():
        monkeypatch.setenv(name, str(home / below))
    monkeypatch.setenv("VAE_STUDIO_RUNS", str(home / "runs"))
    monkeypatch.delenv("VAE_STUDIO_DATA", raising=False)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for form in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
            QSettings.setPath(form, scope, str(home / "settings"))
    return home


@pytest.fixture(autouse=True)
def process_switches() -> Iterator[None]:
    """Hooks, garbage collection, switch interval and torch's threads are as before afterwards."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    interval, collecting = sys.getswitchinterval(), gc.isenabled()
    torch_threads = _torch_threads()
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    sys.setswitchinterval(interval)
    (gc.enable if collecting else gc.disable)()
    gc.unfreeze()
    if torch_threads is not None and _torch_threads() != torch_threads:
        sys.modules["torch"].set_num_threads(torch_threads)


def _torch_threads() -> int | None:
    torch = sys.modules.get("torch")
    return torch.get_num_threads() if torch is not None else None
