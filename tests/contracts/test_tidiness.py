"""What a reader may count on in every file: checked by tools, by short searches and by size."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

MAX_LINES = 400
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".svg", ".yml", ".yaml", ".cfg", ".sh", ""}
TOP = ("vae_studio", "tests", "packaging", "resources", ".ci")

# written in pieces, or this file would find itself
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
SOMEBODYS_HOME = re.compile(r"/(?:ho" + r"me|Use" + r"rs)/\w+/|/ro" + r"ot/|C:\\+Use" + r"rs\\")


def files(checkout: Path) -> Iterator[Path]:
    """Every text file of the project."""
    below = (path for top in TOP for path in (checkout / top).rglob("*"))
    for path in [*checkout.glob("*"), *below]:
        if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
            yield path


def lines_with(pattern: re.Pattern[str], checkout: Path) -> list[str]:
    """Places, as "file:line", where the pattern stands."""
    return [
        f"{path.relative_to(checkout)}:{number}"
        for path in files(checkout)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_that_nothing_is_marked_unfinished(checkout: Path) -> None:
    assert lines_with(UNFINISHED, checkout) == []


def test_that_no_file_names_the_home_of_a_person(checkout: Path) -> None:
    assert lines_with(SOMEBODYS_HOME, checkout) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (UNFINISHED, "# TO" + "DO later"),
        (SOMEBODYS_HOME, "path = '/ho" + "me/ada/x'"),
        (SOMEBODYS_HOME, "/ro" + "ot/x"),
    ],
)
def test_that_a_search_finds_what_it_looks_for(
    pattern: re.Pattern[str], line: str, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(f"fine\n{line}\n", encoding="utf-8")
    assert lines_with(pattern, tmp_path) == ["a.md:2"]


def too_long(checkout: Path) -> list[str]:
    """Modules in which a reader would lose the way."""
    modules = [path for path in files(checkout) if path.suffix == ".py"]
    return [
        f"{path.relative_to(checkout)}: {count} lines"
        for path in modules
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    ]


def test_that_no_module_is_over_long(checkout: Path) -> None:
    assert too_long(checkout) == []


def test_that_an_over_long_module_is_seen(tmp_path: Path) -> None:
    (tmp_path / "vae_studio").mkdir()
    (tmp_path / "vae_studio" / "a.py").write_text("x = 1\n" * (MAX_LINES + 1))
    assert too_long(tmp_path) == [f"vae_studio/a.py: {MAX_LINES + 1} lines"]


def introduces_itself(source: str) -> bool:
    """Whether a package's docstring says, in three lines: owns, may import, who speaks to it."""
    text = ast.get_docstring(ast.parse(source)) or ""
    lines = [line for line in text.splitlines() if line]
    return (
        len(lines) == 3
        and lines[0].startswith("Owns ")
        and bool(re.match(r"May import \S", lines[1]))
        and bool(re.match(r"[^:]*\bspeaks?\b", lines[2]))
        and all(line.endswith(".") for line in lines)
    )


def test_that_every_package_says_what_it_owns_imports_and_answers_to(checkout: Path) -> None:
    packages = (checkout / "vae_studio").glob("*/__init__.py")
    silent = [p.parent.name for p in packages if not introduces_itself(p.read_text("utf-8"))]
    assert silent == []


@pytest.mark.parametrize(
    "docstring",
    ["", "Owns x.", "Owns x.\n\nMay import  y.\nZ.", "Has x.\n\nMay import y.\nA speaks."],
)
def test_that_a_package_without_an_introduction_is_seen(docstring: str) -> None:
    assert not introduces_itself(f'"""{docstring}"""')
    assert introduces_itself('"""Owns x.\n\nMay import y.\nAll speak to it.\n"""')


TOOLS = {
    "ruff check": ["ruff", "check", "--no-cache"],
    "ruff format": ["ruff", "format", "--check", "--no-cache"],
    "mypy": ["mypy"],
}
FAULTS = {
    "ruff check": "import os\n",
    "ruff format": "x = {  'a':1 }\n",
    "mypy": "x: int = 'text'\n",
}


def run_tool(tool: str, checkout: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    """A tool of the developer's, as set up in pyproject.toml."""
    command = [sys.executable, "-m", *TOOLS[tool], *paths]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True)


@pytest.mark.timeout(600)  # the first run of mypy reads the stubs of Qt and numpy
@pytest.mark.parametrize("tool", TOOLS)
def test_that_the_code_satisfies(tool: str, checkout: Path) -> None:
    done = run_tool(tool, checkout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tool", TOOLS)
def test_that_a_fault_is_caught_by(tool: str, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTS[tool])
    done = run_tool(tool, checkout, str(tmp_path / "faulty.py"))
    assert done.returncode == 1, done.stdout + done.stderr
