"""Every test runs in a house of its own: no settings, thread, window or log line gets out of it."""

from __future__ import annotations

import os

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
