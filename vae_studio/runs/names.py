"""Names of runs: unique, readable, and safe as a folder name on every system."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from itertools import count
from pathlib import Path

from vae_studio.domain.atomic import cannot

MAX_CHARACTERS = 80
MAX_BYTES = 200  # file systems stop at 255 bytes; a number may still be put behind the name

#: Windows keeps these for itself, whatever stands behind the first dot.
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def run_name(dataset: str, units: int, *, now: datetime | None = None) -> str:
    """The name a run gets unless it was given one: "2026-11-22 mnist 20 units"."""
    day = (now or datetime.now()).strftime("%Y-%m-%d")
    title = dataset.removeprefix("folder:")
    return safe_name(f"{day} {title} {units} unit{'s' if units != 1 else ''}")


def safe_name(text: str) -> str:
    """``text`` as a folder name on any system: one component, at most 80 characters.

    Signs that some system forbids become "-"; control, direction and private characters go; names
    that Windows keeps for itself get a "_" in front. Nothing left at all is "run".
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if sign.isspace() else sign for sign in text if _is_shown(sign))
    text = " ".join(_FORBIDDEN.sub("-", text).split())
    text = _shortened(text.lstrip(" .-~")).rstrip(" .")
    if _RESERVED.fullmatch(text):
        text = "_" + text
    return text or "run"


def make_folder(root: Path, name: str) -> Path:
    """A new folder ``name`` in ``root``, or "name (2)" and so on. StudioError when it fails."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("made", root, error) from error
    for number in count(1):
        folder = root / (name if number == 1 else f"{name} ({number})")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise cannot("made", folder, error) from error
    raise AssertionError("counting never ends")


def _is_shown(sign: str) -> bool:
    """White space counts as shown; control, format, surrogate, private, unassigned do not."""
    return sign.isspace() or not unicodedata.category(sign).startswith("C")


def _shortened(text: str) -> str:
    text = text[:MAX_CHARACTERS]
    return text.encode()[:MAX_BYTES].decode("utf-8", "ignore")
