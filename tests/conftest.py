"""Every test runs in a house of its own: no settings, thread, window or log line gets out of it."""

from __future__ import annotations

import os
import sys

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
os.environ.setdefault("OMP_NUM_THREADS", "2")  # the same arithmetic order on every machine

pytest_plugins = [
    "support.isolation",
    "support.leaks",
    "support.logs",
    "support.network",
    "support.pictures",
    "support.screen",
]

_ended_with: list[int] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--full`` runs every case of the long proofs."""
    parser.addoption("--full", action="store_true", help="run every case of the long proofs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--full``, a sample of each long proof runs, and its full count does not."""
    if not config.getoption("--full"):
        left = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


def pytest_sessionfinish(exitstatus: int) -> None:
    """Remember how the run went."""
    _ended_with.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave at once, with pytest's own verdict: windows built and dropped in one process leave
    Qt wrappers that Python frees after Qt itself is gone, which crashes on the way out. The app's
    own way out is checked in processes of its own (tests/app/test_process.py)."""
    if _ended_with:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_ended_with[-1])
