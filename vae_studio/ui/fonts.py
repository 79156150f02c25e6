"""The application's type: Inter at 12 px with figures of one width, or the system's own face."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from vae_studio.resources import resource

FAMILY = "Inter"
TEXT_PX = 12
HEADLINE_PX = 20  # the one number that matters
SMALL_PX = 11  # axis labels

# figures of one width: a step counter that changes 30 times a second must not wobble
_TABULAR_FIGURES = "tnum"


def load() -> tuple[str, ...]:
    """Register every bundled face; the families found (none when no font file is bundled)."""
    folder = resource("fonts")
    files = sorted(folder.glob("*.[ot]tf")) if folder.is_dir() else []
    families = []
    for file in files:
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))


def install(app: QApplication) -> None:
    """Load the faces and make them the application's font."""
    load()
    app.setFont(text())


def text(pixels: int = TEXT_PX, *, bold: bool = False) -> QFont:
    """The text font at a size in device-independent pixels."""
    font = QFont()
    if FAMILY in QFontDatabase.families():
        font.setFamily(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag(_TABULAR_FIGURES), 1)
    return font


def headline() -> QFont:
    """For the one number that matters."""
    return text(HEADLINE_PX, bold=True)


def fixed(pixels: int = TEXT_PX) -> QFont:
    """The system's fixed-width face, for tracebacks and logs."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(pixels)
    return font
