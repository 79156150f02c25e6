"""Where the bundled files lie: in the package when installed, at the top level in a checkout."""

from __future__ import annotations

from pathlib import Path


def resource(*parts: str) -> Path:
    """The path of a bundled file or folder ("fonts", "Inter.otf")."""
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    root = installed if installed.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)
