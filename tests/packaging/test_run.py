"""The first start on a bare machine: what is made, what is reused, what is said when it fails."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def packaging(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """packaging/ on the path, as it is for `python3 packaging/run.py`."""
    monkeypatch.syspath_prepend(str(checkout / "packaging"))
    for name in ("run", "environment", "system_packages"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return checkout / "packaging"


@pytest.fixture
def run(packaging: Path) -> ModuleType:
    return importlib.import_module("run")


@pytest.fixture
def system(packaging: Path) -> ModuleType:
    return importlib.import_module("system_packages")


@pytest.fixture
def environment(packaging: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, at work in a checkout of one file."""
    module = importlib.import_module("environment")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    folder = tmp_path / ".venv"
    places = {"CHECKOUT": tmp_path, "FOLDER": folder}
    files = {"STAMP": folder / "vae-studio.stamp", "LOG": folder / "install.log"}
    for name, value in (places | files).items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "NEEDED_GB", 0)
    return module


@pytest.fixture
def pip(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of pip that would have run, in environments that hold nothing."""
    asked: list[list[str]] = []

    def create() -> None:
        environment.python().parent.mkdir(parents=True, exist_ok=True)
        environment.python().touch()

    monkeypatch.setattr(environment, "_create", create)
    monkeypatch.setattr(environment, "_follow", asked.append)
    return asked


def test_that_a_second_start_installs_nothing(
    environment: ModuleType, pip: list[list[str]]
) -> None:
    python = environment.ensure(developer=False)
    assert Path(python).exists()
    assert environment.ensure(developer=False) == python
    assert len(pip) == 1
    assert pip[0][-1] == str(environment.CHECKOUT)


def test_that_the_developers_tools_are_added_once(
    environment: ModuleType, pip: list[list[str]]
) -> None:
    environment.ensure(developer=False)
    environment.ensure(developer=True)
    environment.ensure(developer=True)
    environment.ensure(developer=False)
    assert [command[-1].endswith("[dev]") for command in pip] == [False, True]


def test_that_other_dependencies_are_installed_and_half_an_environment_is_mended(
    environment: ModuleType, pip: list[list[str]]
) -> None:
    environment.ensure(developer=False)
    (environment.CHECKOUT / "pyproject.toml").write_text("[project]\ndependencies = ['x']\n")
    environment.ensure(developer=False)
    environment.STAMP.unlink()
    environment.ensure(developer=False)
    environment.python().unlink()
    environment.ensure(developer=False)
    assert len(pip) == 4


def test_that_a_real_environment_is_made_and_a_broken_one_made_again(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_follow", lambda command: None)
    environment.ensure(developer=False)
    assert environment._same_python()
    environment.STAMP.unlink()
    environment.python().unlink()
    environment.ensure(developer=False)
    assert environment._same_python()


def test_that_a_failed_install_leaves_no_stamp(
    environment: ModuleType, pip: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_follow", lambda command: ["ERROR: torn"])
    with pytest.raises(environment.SetupError, match="torn"):
        environment.ensure(developer=False)
    assert not environment.STAMP.exists()


@pytest.mark.parametrize("torn", ["", "\x00", "deadbeef with the"])
def test_that_a_torn_stamp_counts_for_nothing(environment: ModuleType, torn: str) -> None:
    environment.FOLDER.mkdir()
    environment.STAMP.write_text(torn)
    assert not environment.is_ready(environment.fingerprint(), developer=False)


@pytest.mark.parametrize(
    ("pips_words", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "Connect to the internet"),
        ("socket.gaierror: Temporary failure in name resolution", "Connect to the internet"),
        ("PermissionError: [Errno 13] Permission denied", "may not be written"),
        ("ERROR: No matching distribution found for torch>=2.9", "torch>=2.9"),
        ("ERROR: something else", "ERROR: something else"),
        ("", "pip gave no reason"),
    ],
)
def test_that_a_failure_of_pip_is_explained(
    environment: ModuleType, pips_words: str, sentence: str
) -> None:
    assert sentence in environment.explanation(pips_words)


def test_that_long_steps_are_told_and_short_ones_are_not(environment: ModuleType) -> None:
    told = environment.large_step("  Downloading torch-2.14.1-cp311-cp311-linux.whl (899.8 MB)\n")
    assert told == "downloading torch 2.14.1 (899.8 MB)"
    assert "3 packages" in environment.large_step("Installing collected packages: a, b, c\n")
    assert environment.large_step("  Downloading idna-3.1-py3-none-any.whl (70.4 kB)\n") == ""
    assert environment.large_step("  Downloading idna-3.1-py3-none-any.whl (7.4 MB)\n") == ""


def test_that_a_full_disk_is_noticed_before_anything_is_made(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "NEEDED_GB", 10**9)
    with pytest.raises(environment.SetupError, match="Make room"):
        environment.ensure(developer=False)
    assert not environment.FOLDER.exists()


def test_that_a_python_without_venv_is_told_what_to_install(
    environment: ModuleType, system: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "The virtual environment was not created because ensurepip is not available."
    done = subprocess.CompletedProcess([], 1, words)
    monkeypatch.setattr(environment, "_run", lambda command: done)
    monkeypatch.setattr(system, "_may_install", lambda: False)
    with pytest.raises(environment.SetupError, match="sudo apt-get install -y python3-venv"):
        environment.ensure(developer=False)


def test_that_missing_libraries_are_named_in_one_apt_line(
    system: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.sys, "platform", "linux")
    monkeypatch.setattr(system, "_loads", lambda name: name != "libEGL.so.1")
    monkeypatch.setattr(system, "_may_install", lambda: False)
    with pytest.raises(system.SetupError, match=r"sudo apt-get install -y libegl1$"):
        system.ensure(for_tests=False)


def test_that_root_installs_what_is_missing(
    system: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: set[str] = set()

    def apt(verb: str, *packages: str) -> bool:
        there.update(packages)
        return True

    monkeypatch.setattr(system.sys, "platform", "linux")
    libraries = {**system.QT_LIBRARIES, **system.WINDOW_LIBRARIES}
    monkeypatch.setattr(system, "_loads", lambda name: libraries[name] in there)
    monkeypatch.setattr(system, "_may_install", lambda: True)
    monkeypatch.setattr(system, "_apt", apt)
    system.ensure(for_tests=False)
    assert there == set(libraries.values())


def test_that_tests_run_without_a_virtual_screen_and_say_so(
    system: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system.sys, "platform", "linux")
    monkeypatch.setattr(system, "_loads", lambda name: name not in system.WINDOW_LIBRARIES)
    monkeypatch.setattr(system.shutil, "which", lambda name: None)
    system.ensure(for_tests=True)
    assert "some tests will be skipped; sudo apt-get install -y xvfb" in capsys.readouterr().err


def test_that_an_old_python_is_told_what_to_do(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    assert run.main([]) == 1
    assert "Python 3.11 or newer is needed; this is Python 3.9." in capsys.readouterr().err


def test_that_an_old_python_hands_over_to_a_newer_one(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(run.shutil, "which", lambda name: name if name == "python3.12" else None)
    monkeypatch.setattr(run.subprocess, "call", lambda command: command)
    assert run.main(["train"]) == ["python3.12", run.__file__, "train"]


def test_that_the_launcher_speaks_to_an_old_python_too(checkout: Path) -> None:
    source = (checkout / "packaging" / "run.py").read_text(encoding="utf-8")
    compile(source, "run.py", "exec", dont_inherit=True)
    assert "match " not in source
    assert source.index("import environment") > source.index("sys.version_info < OLDEST")


def test_that_arguments_go_to_pytest_or_to_the_app(
    run: ModuleType,
    environment: ModuleType,
    system: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(environment, "ensure", lambda developer: "python")
    monkeypatch.setattr(system, "ensure", lambda for_tests: None)
    monkeypatch.setattr(run.subprocess, "call", lambda command, **kw: called.append(command) or 5)
    monkeypatch.setattr(run.os, "execv", lambda python, command: called.append(command))
    assert run.main(["--tests", "-k", "x"]) == 5
    run.main(["train", "--epochs", "1"])
    assert called[0] == ["python", "-m", "pytest", "-k", "x"]
    assert called[1] == ["python", "-P", "-m", "vae_studio", "train", "--epochs", "1"]
