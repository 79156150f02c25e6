"""The virtual environment of a checkout: made once, checked by a stamp, mended when it changed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / ".venv"
STAMP = FOLDER / "vae-studio.stamp"
LOG = FOLDER / "install.log"

# torch for CUDA, which Linux gets, unpacks to 5.5 GB; elsewhere it is the CPU or MPS build
NEEDED_GB = 7 if sys.platform.startswith("linux") else 2

#: What pip prints when it fails, and what a person can do about it; the first match counts.
REMEDIES = (
    (
        r"No space left on device|Errno 28|not enough space",
        "the disk is full: the environment needs about {needed} GB in {folder} "
        "(and pip about 3 GB in the folder for temporary files; TMPDIR moves that one).",
    ),
    (
        r"NewConnectionError|name resolution|getaddrinfo|Network is unreachable|ProxyError"
        r"|Connection refused|ConnectTimeout|Read timed out|No route to host",
        "the package index cannot be reached. Connect to the internet for this first start; "
        "later ones need no network.",
    ),
    (r"CERTIFICATE_VERIFY_FAILED", "the package index shows a certificate this Python distrusts."),
    (r"Permission denied|Errno 13", "the folder {folder} may not be written."),
    (
        r"No matching distribution found for (\S+)",
        "there is no package for this Python ({python}) on this machine among those offered: {0}",
    ),
)


class SetupError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def ensure(*, developer: bool) -> str:
    """The path of a Python in which the project is installed; makes it when there is none."""
    wanted = fingerprint()
    if not is_ready(wanted, developer=developer):
        _check_disk()
        _create()
        _install(developer=developer)
        STAMP.write_text(_stamp(wanted, developer=developer))
    return str(python())


def python() -> Path:
    """The interpreter inside the environment."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint() -> str:
    """Changes whenever the environment has to be installed anew."""
    project = (CHECKOUT / "pyproject.toml").read_bytes()
    facts = (*sys.version_info[:3], sys.platform, CHECKOUT)
    return hashlib.sha256(project + repr(facts).encode()).hexdigest()


def is_ready(wanted: str, *, developer: bool) -> bool:
    """Whether the stamp vouches for this very project, Python and place."""
    enough = {_stamp(wanted, developer=True), _stamp(wanted, developer=developer)}
    try:
        return STAMP.read_text(encoding="ascii") in enough and python().exists()
    except (OSError, ValueError):
        return False


def _stamp(wanted: str, *, developer: bool) -> str:
    return f"{wanted} {'with' if developer else 'without'} the developer's tools\n"


def _check_disk() -> None:
    already = FOLDER.exists()
    free = shutil.disk_usage(CHECKOUT).free / 1e9
    if free < NEEDED_GB and not already:
        raise SetupError(
            f"the environment needs about {NEEDED_GB} GB, and {CHECKOUT} has {free:.1f} GB free. "
            "Make room, or put the checkout on a larger disk."
        )


def _create() -> None:
    if python().exists() and _same_python():
        return
    say(f"1/3  making an environment for Python {sys.version.split()[0]} in {FOLDER.name} …")
    done = _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)])
    if done.returncode and not _create_otherwise():
        raise SetupError(_why_no_venv(done.stdout))


def _same_python() -> bool:
    done = _run([str(python()), "-c", "import sys, pip; print(sys.version_info[:2])"])
    return done.returncode == 0 and done.stdout.strip() == str(sys.version_info[:2])


def _create_otherwise() -> bool:
    """Debian keeps ensurepip in a package of its own: install that, or use virtualenv."""
    import system_packages

    if system_packages.install(system_packages.venv_packages()):
        return _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)]).returncode == 0
    return _run([sys.executable, "-m", "virtualenv", "--clear", str(FOLDER)]).returncode == 0


def _why_no_venv(output: str) -> str:
    import system_packages

    if "ensurepip" in output:
        line = system_packages.apt_line(system_packages.venv_packages())
        return f"this Python lacks the venv module. Install it with:\n  {line}"
    reason = output.strip().splitlines()[-1] if output.strip() else "no reason given"
    return f"no environment could be made in {FOLDER}: {reason}"


def _install(*, developer: bool) -> None:
    what = "VAE Studio, torch, Qt" + (" and the developer's tools" if developer else "")
    say(f"2/3  installing {what}: two to four minutes, plus the download the first time …")
    extra = "[dev]" if developer else ""
    command = [str(python()), "-m", "pip", "install", "--progress-bar", "off", "-e"]
    started = time.monotonic()
    lines = _follow([*command, f"{CHECKOUT}{extra}"])
    if lines is not None:
        raise SetupError(explanation("\n".join(lines)) + f" (all of pip's words: {LOG})")
    say(f"3/3  ready after {time.monotonic() - started:.0f} s.")


def _follow(command: list[str]) -> list[str] | None:
    """Runs pip, tells its large steps, keeps all of it in the log; its lines when it failed."""
    lines = []
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace", env=_clean_environment(),
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            lines.append(line)
            step = large_step(line)
            if step:
                say(f"     {step}")
    return lines if process.returncode else None


def large_step(line: str) -> str:
    """A line of pip in plain words when it starts something that takes long, else nothing."""
    download = re.search(r"Downloading (\S+?)-(\d\S*?)-\S+ \(([\d.]+) (MB|GB)\)", line)
    if download and (download[4] == "GB" or float(download[3]) > 50):
        return f"downloading {download[1]} {download[2]} ({download[3]} {download[4]})"
    if line.startswith("Installing collected packages"):
        return f"unpacking {line.count(',') + 1} packages (torch is the largest)"
    return ""


def explanation(output: str) -> str:
    """One sentence that says why pip failed and what to do."""
    facts = {"needed": NEEDED_GB, "folder": CHECKOUT, "python": sys.version.split()[0]}
    for pattern, remedy in REMEDIES:
        found = re.search(pattern, output)
        if found:
            parts = [part for part in found.groups() if part] or [""]
            return "installing failed: " + remedy.format(*parts, **facts)
    errors = [line.strip() for line in output.splitlines() if line.startswith("ERROR")]
    return "installing failed: " + (errors[-1] if errors else "pip gave no reason.")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=_clean_environment(), check=False,
    )  # fmt: skip


def _clean_environment() -> dict[str, str]:
    """Without what another environment left behind: pip must see this one only."""
    foreign = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in foreign}


def say(line: str) -> None:
    """One line of progress, on stderr: stdout belongs to the command that follows."""
    print(line, file=sys.stderr, flush=True)
