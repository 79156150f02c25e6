#!/usr/bin/env python3
"""Start VAE Studio from a checkout: makes the environment, installs, opens the app.

    python3 packaging/run.py                 opens the app on the bundled pictures
    python3 packaging/run.py train …         the same as `vae-studio train …`
    python3 packaging/run.py --tests […]     installs the developer's tools, runs the tests

Needs nothing but Python 3.11 or newer. The environment lies in `.venv` in the checkout; delete
that folder to start over. A second start finds it ready and costs nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
COMMANDS_WITHOUT_WINDOW = ("train", "evaluate", "sample", "runs", "datasets", "resume")


def main(arguments: list[str]) -> int:
    """What the command line asks for; answers the exit code."""
    if sys.version_info < OLDEST:
        return start_with_newer_python(arguments)
    if arguments in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0

    import environment  # not before the version is known: it speaks newer Python
    import system_packages

    tests = arguments[:1] == ["--tests"]
    try:
        if tests or wants_window(arguments):
            system_packages.ensure(for_tests=tests)
        python = environment.ensure(developer=tests)
    except environment.SetupError as problem:
        print(f"VAE Studio: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nVAE Studio: interrupted; the next start goes on from here.", file=sys.stderr)
        return 130
    if tests:
        return run_tests(python, arguments[1:])
    return start_app(python, arguments)


def wants_window(arguments: list[str]) -> bool:
    """Whether these arguments open the app (a command such as `train` needs no Qt libraries)."""
    return not arguments or arguments[0] not in COMMANDS_WITHOUT_WINDOW


def run_tests(python: str, arguments: list[str]) -> int:
    """pytest with these arguments, in the checkout, on Qt's offscreen platform."""
    import environment

    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [python, "-m", "pytest", *arguments]
    return subprocess.call(command, cwd=environment.CHECKOUT, env=variables)


def start_app(python: str, arguments: list[str]) -> int:
    """The app or one of its commands, in the person's own folder."""
    command = [python, "-P", "-m", "vae_studio", *arguments]
    if os.name == "posix":
        os.execv(python, command)  # Ctrl-C and the exit code then reach the app and nobody else
    return subprocess.call(command)


def start_with_newer_python(arguments: list[str]) -> int:
    """This Python is too old: hand over to a newer one on the PATH, or say what to install."""
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            return subprocess.call([newer, os.path.abspath(__file__), *arguments])
    have = ".".join(str(part) for part in sys.version_info[:2])
    print(
        f"VAE Studio: Python 3.11 or newer is needed; this is Python {have}. Install a newer one "
        "(Debian 12, Ubuntu 24.04: apt-get install python3; others: python.org) and start again "
        "with it.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
