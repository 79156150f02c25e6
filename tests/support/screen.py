"""Tests marked ``window`` run on a virtual screen, each in a process of its own.

The suite itself runs on Qt's offscreen platform, and one process can have only one platform. So
a marked test starts pytest again under Xvfb for itself alone; its outcome counts here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SCREEN = "1440x900x24"
LIMIT_S = 300


def on_real_screen() -> bool:
    """Whether Qt draws on a window system in this process."""
    return os.environ.get("QT_QPA_PLATFORM") not in ("offscreen", "minimal")


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Hands a ``window`` test to a process on a virtual screen."""
    if item.get_closest_marker("window") is None or on_real_screen():
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    started = time.perf_counter()
    outcome, text = _outcome(item)
    _report(item, outcome, text, time.perf_counter() - started)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    item.session._setupstate.teardown_exact(nextitem)  # the item before left this one's module up
    return True


def _outcome(item: pytest.Item) -> tuple[str, str]:
    if shutil.which("Xvfb") is None:
        return "skipped", "needs a window system: install xvfb"
    with virtual_screen() as environment:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "--no-header",
            "-p",
            "no:cacheprovider",
        ]
        done = subprocess.run(
            [*command, "--rootdir", str(item.config.rootpath), item.nodeid],
            cwd=item.config.rootpath, env=environment, timeout=LIMIT_S,
            capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        return "failed", done.stdout + done.stderr
    if " passed" in done.stdout:
        return "passed", ""
    reason = re.search(r"^SKIPPED \[1\] [^ ]+ (.*)$", done.stdout, re.MULTILINE)
    return "skipped", reason.group(1) if reason else done.stdout


def _report(item: pytest.Item, outcome: str, text: str, seconds: float) -> None:
    where = (str(item.path), item.location[1] or 0, text)
    report = pytest.TestReport(
        item.nodeid, item.location, dict.fromkeys(item.keywords, 1), outcome,  # type: ignore[arg-type]
        where if outcome == "skipped" else text or None, "call", duration=seconds,
    )  # fmt: skip
    item.ihook.pytest_runtest_logreport(report=report)


@contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """An Xvfb with a window manager where there is one; gives the environment to use it."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    helper = shutil.which("openbox")
    manager = subprocess.Popen(
        [helper], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) if helper else None  # fmt: skip
    try:
        yield environment
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait(10)
