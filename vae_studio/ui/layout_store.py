"""Where the docks were: kept with a checksum, because Qt aborts on a damaged layout."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_studio.ui.settings import config_folder, save

#: Raise it when docks are added or renamed: layouts of other versions are not used.
LAYOUT_VERSION = 1
ATTEMPTS = 2  # starts that may fail with a layout before it is left aside
LARGEST_BYTES = 1 << 20


@dataclass(frozen=True)
class Layout:
    """``state`` is what QMainWindow.saveState answered; the rectangle is (x, y, width, height)."""

    state: bytes
    rectangle: tuple[int, int, int, int]
    maximised: bool = False


class LayoutStore:
    """Keeps one layout. A start marks itself as begun and, a few seconds later, as gone well;
    after two starts that never got so far the layout is not offered again."""

    def __init__(self, folder: Path | None = None, version: int = LAYOUT_VERSION) -> None:
        folder = folder or config_folder()
        self._file = folder / "layout.json"
        self._mark = folder / "starting"
        self._version = version

    def begin_start(self) -> Layout | None:
        """The layout to restore, or None for the default one."""
        layout = self.read()
        begun = self._begun()
        if layout is None or begun >= ATTEMPTS:
            self.forget()
            return None
        save(self._mark, {"begun": begun + 1})
        return layout

    def start_went_well(self) -> None:
        """The window has stood for a while."""
        self._mark.unlink(missing_ok=True)

    def read(self) -> Layout | None:
        """The layout as it was written, to the bit; None for anything else."""
        try:
            if self._file.stat().st_size > LARGEST_BYTES:
                return None
            return _unpacked(json.loads(self._file.read_bytes()), self._version)
        except (OSError, ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            return None

    def write(self, layout: Layout) -> None:
        """Keep this layout."""
        save(self._file, _packed(layout, self._version))

    def forget(self) -> None:
        """Start with the default layout next time."""
        self._file.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    def _begun(self) -> int:
        try:
            return int(json.loads(self._mark.read_bytes())["begun"])
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError):
            return ATTEMPTS


def _packed(layout: Layout, version: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "version": version,
        "rectangle": list(layout.rectangle),
        "maximised": layout.maximised,
        "state": base64.b64encode(layout.state).decode(),
    }
    return {**fields, "crc32": _checksum(fields)}


def _unpacked(fields: Any, version: int) -> Layout | None:
    if not isinstance(fields, dict):
        return None
    crc32 = fields.pop("crc32")
    if type(crc32) is not int or crc32 != _checksum(fields) or fields["version"] != version:
        return None
    x, y, width, height = (int(number) for number in fields["rectangle"])
    state = base64.b64decode(fields["state"], validate=True)
    return Layout(state, (x, y, width, height), bool(fields["maximised"]))


def _checksum(fields: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(fields, sort_keys=True).encode())


def on_a_screen(
    rectangle: tuple[int, int, int, int], screens: list[tuple[int, int, int, int]]
) -> tuple[int, int, int, int]:
    """The rectangle, moved and shrunk so that all of it lies on the screen it overlaps most (the
    first one when it overlaps none). Screens are (x, y, width, height) without their task bars."""
    screen = max(screens, key=lambda screen: _overlap(rectangle, screen))
    x, y, width, height = rectangle
    left, top, wide, high = screen
    width, height = min(width, wide), min(height, high)
    return (
        min(max(x, left), left + wide - width), min(max(y, top), top + high - height),
        width, height,
    )  # fmt: skip


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> int:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)
