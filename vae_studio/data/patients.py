"""Which of the sets on this computer the person says contain patient data.

Kept in ``patients.json`` in the user's data folder, by name and never by path.
"""

from __future__ import annotations

import json

from vae_studio.data.search import user_data_folder
from vae_studio.data.set_options import base_of
from vae_studio.domain.atomic import cannot, write_atomically


def marked(name: str) -> bool | None:
    """What was said of a set; None when nothing was."""
    said = _read().get(base_of(name))
    return said if isinstance(said, bool) else None


def mark(name: str, contains: bool) -> None:
    """Remember whether a set contains patient data; StudioError when it cannot be written."""
    file = user_data_folder() / "patients.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("made", file.parent, error) from error
    write_atomically(file, json.dumps({**_read(), base_of(name): contains}, indent=2).encode())


def _read() -> dict[str, object]:
    try:
        said = json.loads((user_data_folder() / "patients.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
