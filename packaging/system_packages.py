"""The system libraries Qt needs on Linux: which are missing, and the line that installs them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from environment import SetupError, say

#: library -> its package on Debian 12 and Ubuntu (newer ones answer to these names too)
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libX11.so.6": "libx11-6",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
#: program -> its package: the tests that drive a real window run on a virtual screen
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "openbox": "openbox", "xdotool": "xdotool"}
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


def ensure(*, for_tests: bool) -> None:
    """Everything Qt needs is there afterwards; SetupError with the exact line where it is not."""
    if not sys.platform.startswith("linux"):
        return
    needed = missing_libraries(window=True)
    if needed and not install(needed):
        blocking = needed if not for_tests else missing_libraries(window=False)
        if blocking:
            raise SetupError(f"Qt needs system libraries. Install them with:\n  {apt_line(needed)}")
    wanted = missing_for_tests() if for_tests else []
    if wanted and not install(wanted):
        say(f"     some tests will be skipped; {apt_line(wanted)} would let them run.")


def missing_libraries(*, window: bool) -> list[str]:
    """Packages of the libraries that cannot be loaded (``window``: also those of a real screen)."""
    libraries = {**QT_LIBRARIES, **(WINDOW_LIBRARIES if window else {})}
    return [package for name, package in libraries.items() if not _loads(name)]


def missing_for_tests() -> list[str]:
    """Packages without which some tests are skipped."""
    programs = [package for name, package in TEST_PROGRAMS.items() if not shutil.which(name)]
    return programs + ([] if FASHION_MNIST.is_dir() else ["dataset-fashion-mnist"])


def venv_packages() -> list[str]:
    """What Debian wants installed before `python3 -m venv` works."""
    return ["python3-venv", f"python3.{sys.version_info[1]}-venv"]


def apt_line(packages: Iterable[str]) -> str:
    """The command a person can paste."""
    return "sudo apt-get install -y " + " ".join(packages)


def install(packages: list[str]) -> bool:
    """Installs them when this is root on Debian or Ubuntu; says whether they are there now."""
    if not packages or not _may_install():
        return False
    say(f"0/3  installing system packages: {' '.join(packages)} (a minute or less) …")
    return _apt("install", *packages) or (
        _apt("update") and (_apt("install", *packages) or _one_by_one(packages))
    )


def _one_by_one(packages: list[str]) -> bool:
    """One unknown name must not keep the others out."""
    installed = [_apt("install", package) for package in packages]
    return all(installed)


def _may_install() -> bool:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and shutil.which("apt-get") is not None


def _apt(verb: str, *packages: str) -> bool:
    options = ["-qq", "-y", "-o", "DPkg::Lock::Timeout=120"]
    if verb == "install":
        options += ["--no-install-recommends"]
    done = subprocess.run(
        ["apt-get", verb, *options, *packages], stdin=subprocess.DEVNULL, capture_output=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False,
    )  # fmt: skip
    return done.returncode == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
