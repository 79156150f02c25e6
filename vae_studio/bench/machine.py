"""What a figure was measured on, so that it can be read later."""

from __future__ import annotations

import datetime
import platform
from importlib.metadata import PackageNotFoundError, version

import psutil

PACKAGES = ("torch", "PySide6-Essentials", "pyqtgraph", "numpy")


def machine() -> dict[str, str | int | float]:
    """Processor, cores, memory in GB, system, versions and date; nothing that names a person."""
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name.lower(): _version(name) for name in PACKAGES},
        "date": datetime.date.today().isoformat(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = [
                line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
            ]
    except OSError:
        named = []
    return named[0] if named else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
