"""Icons are there, tinted by role, and follow the theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication

from vae_studio.domain.palette import DARK, LIGHT
from vae_studio.resources import resource
from vae_studio.ui import icons
from vae_studio.ui.icons import icon
from vae_studio.ui.theme import Theme


def inks(image: QImage) -> set[str]:
    """The colours of all fully opaque pixels."""
    cells = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {colour.name() for colour in cells if colour.alpha() == 255}


def test_that_an_icon_is_tinted_in_the_colour_of_its_role(qapp: QApplication) -> None:
    Theme(qapp, "dark")
    assert inks(icon("square", "accent").pixmap(48, 48).toImage()) == {DARK.accent}


def test_that_an_icon_made_before_follows_the_theme(qapp: QApplication) -> None:
    theme = Theme(qapp, "dark")
    made = icon("square")
    theme.pin("light")
    assert inks(made.pixmap(48, 48).toImage()) == {LIGHT.text}


def test_that_a_disabled_icon_is_fainter(qapp: QApplication) -> None:
    Theme(qapp, "light")
    image = icon("square").pixmap(QSize(48, 48), QIcon.Mode.Disabled).toImage()
    strongest = max(image.pixelColor(x, 24).alpha() for x in range(48))
    assert 60 < strongest < 130


def test_that_an_icon_is_crisp_on_a_dense_screen(qapp: QApplication) -> None:
    pixmap = icon("square").pixmap(QSize(16, 16), 2.0)
    assert (pixmap.width(), pixmap.height(), pixmap.devicePixelRatio()) == (32, 32, 2.0)


def test_that_a_wrong_name_fails_where_the_icon_is_made() -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_that_a_copied_icon_still_paints(qapp: QApplication) -> None:
    Theme(qapp, "light")
    copy = QIcon(icon("play"))
    assert inks(copy.pixmap(64, 64).toImage()) == {LIGHT.text}


def test_that_every_bundled_icon_takes_its_colour_from_the_theme() -> None:
    files = sorted(resource("icons").glob("*.svg"))
    assert files
    for file in files:
        assert "currentColor" in icons.svg(file.stem), file.name
    assert "ISC License" in resource("icons", "LICENSE").read_text(encoding="utf-8")


def test_that_no_bundled_icon_is_unused() -> None:
    sources = "\n".join(
        file.read_text(encoding="utf-8") for file in Path(icons.__file__).parent.rglob("*.py")
    )
    unused = [
        file.stem
        for file in resource("icons").glob("*.svg")
        if not re.search(rf"[\"']{re.escape(file.stem)}[\"']", sources)
    ]
    assert unused == []
