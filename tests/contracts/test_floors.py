"""The floors of the house: imports point down only, and each floor stays free of what is not its.

The contracts themselves stand in pyproject.toml; here they are run, on the real package and on
small broken ones that they must catch.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = (
    "commands", "bench", "ui/panels", "ui", "worker", "scale", "evaluation", "engine", "runs",
    "export", "data", "imaging", "domain",
)  # fmt: skip
MODULES = ("__main__", "cli", "app", "wiring", "wishes", "housekeeping", "resources")

TRESPASSES = {
    "domain imports the engine": ("domain/a.py", "import vae_studio.engine"),
    "the window imports the worker": ("ui/a.py", "from vae_studio import worker"),
    "the engine imports Qt": ("engine/a.py", "def late():\n    from PySide6 import QtCore"),
    "a panel imports torch": ("ui/panels/a.py", "import torch"),
    "data reaches torch through a neighbour": ("data/a.py", "from vae_studio.data import b"),
    "a panel imports a panel": ("ui/panels/a.py", "from vae_studio.ui.panels import b"),
    "the worker draws": ("worker/a.py", "import pyqtgraph"),
    "a module stands on no floor": ("misc.py", "x = 1"),
}


def lint(folder: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Runs the project's contracts on the package in ``folder``."""
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(checkout / "pyproject.toml"), "--no-cache"],
        cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def test_that_every_import_points_down(checkout: Path) -> None:
    done = lint(checkout, checkout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def toy_package(tmp_path: Path) -> Path:
    """A package with every floor, empty, and nothing wrong."""
    package = tmp_path / "vae_studio"
    for name in FOLDERS:
        (package / name).mkdir(parents=True, exist_ok=True)
    for name in ("", *FOLDERS):
        (package / name / "__init__.py").touch()
    for name in MODULES:
        (package / f"{name}.py").touch()
    (package / "ui/panels/b.py").touch()
    return package


def test_that_the_contracts_hold_for_a_package_without_fault(
    toy_package: Path, checkout: Path
) -> None:
    done = lint(toy_package.parent, checkout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("trespass", TRESPASSES)
def test_that_the_contracts_catch(trespass: str, toy_package: Path, checkout: Path) -> None:
    where, line = TRESPASSES[trespass]
    (toy_package / where).write_text(line + "\n")
    if "neighbour" in trespass:
        (toy_package / "data/b.py").write_text("import torch\n")
    done = lint(toy_package.parent, checkout)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def qt_modules(source: str) -> Iterator[str]:
    """Every module of Qt that a source text imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "PySide6":
            names = [f"PySide6.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "PySide6")


def test_that_the_worker_uses_the_core_of_qt_only(checkout: Path) -> None:
    for module in (checkout / "vae_studio" / "worker").rglob("*.py"):
        beyond = set(qt_modules(module.read_text(encoding="utf-8"))) - {"PySide6.QtCore"}
        assert not beyond, f"{module.name} imports {beyond}"


@pytest.mark.parametrize(
    "line",
    ["from PySide6 import QtGui", "import PySide6.QtWidgets", "from PySide6.QtGui import QImage"],
)
def test_that_an_import_of_more_than_the_core_is_seen(line: str) -> None:
    assert set(qt_modules(line)) - {"PySide6.QtCore"}


STAYS_OUT = [
    ("vae_studio.engine.trainer", ("PySide6",)),
    ("vae_studio.evaluation.report", ("PySide6",)),
    ("vae_studio.ui.main_window", ("torch", "torchvision")),
    ("vae_studio.app", ("torch", "torchvision")),
    ("vae_studio.cli", ("torch", "PySide6", "numpy")),
]


def loaded_by(module: str, suspects: tuple[str, ...]) -> list[str]:
    """Which of the suspects a fresh interpreter has loaded after importing ``module``."""
    program = f"import sys, {module}; print([n for n in {suspects!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(ast.literal_eval(done.stdout))


@pytest.mark.parametrize(("module", "suspects"), STAYS_OUT)
def test_that_importing_leaves_out(module: str, suspects: tuple[str, ...]) -> None:
    assert loaded_by(module, suspects) == []


def test_that_a_module_that_was_loaded_is_reported() -> None:
    assert loaded_by("numpy", ("numpy", "torch")) == ["numpy"]
