"""Which program and libraries made a run; said without importing any of them."""

from __future__ import annotations

import platform
from importlib import metadata

from vae_studio import __version__

LIBRARIES = ("torch", "numpy", "safetensors")  # those that decide the bits of a run


def versions_here() -> dict[str, str]:
    """Versions of VAE Studio, Python, the system's kind and the libraries, by name."""
    found = {"vae-studio": __version__, "python": platform.python_version()}
    found["system"] = f"{platform.system()} {platform.machine()}"
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
