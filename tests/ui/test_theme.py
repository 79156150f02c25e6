"""Light and dark, palette and style sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from support import shell

from vae_studio.domain.palette import DARK, LIGHT, Chrome
from vae_studio.ui import fonts, theme
from vae_studio.ui.layout_store import LayoutStore
from vae_studio.ui.main_window import MainWindow
from vae_studio.ui.settings import Settings
from vae_studio.ui.style_sheet import style_sheet
from vae_studio.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@contextmanager
def trying_on(app: QApplication) -> Iterator[Theme]:
    """A theme; afterwards the application looks as before."""
    before = (app.style().objectName(), app.palette(), app.font())
    yield Theme(app, "light")
    app.setStyleSheet("")
    app.setStyle(before[0])
    app.setPalette(before[1])
    app.setFont(before[2])


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[Theme]:
    """An installed theme; the application is undressed again afterwards."""
    with trying_on(qapp) as made:
        made.install()
        yield made


def test_that_the_installed_theme_is_the_current_one(dressed: Theme) -> None:
    assert theme.current() is dressed
    assert dressed.chrome is LIGHT


def test_that_pinning_changes_palette_and_tells_everybody(dressed: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dressed.changed):
        dressed.pin("dark")
    assert dressed.dark
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)


def test_that_pinning_what_already_is_tells_nobody(dressed: Theme, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dressed.changed):
        dressed.pin("light")


def test_that_toggle_pins_the_other_one(dressed: Theme) -> None:
    dressed.toggle()
    assert (dressed.mode, dressed.dark) == ("dark", True)
    dressed.toggle()
    assert (dressed.mode, dressed.dark) == ("light", False)


def test_that_an_unknown_mode_is_refused(dressed: Theme) -> None:
    with pytest.raises(ValueError, match="no theme is called 'pink'"):
        dressed.pin("pink")  # type: ignore[arg-type]


@pytest.mark.parametrize("chrome", [DARK, LIGHT])
def test_that_text_reads_on_every_ground(chrome: Chrome) -> None:
    for text, ground, least in (
        ("text", "bg", 7), ("text", "panel", 7), ("text", "raised", 7), ("muted", "panel", 4.5),
        ("muted", "bg", 4.5), ("on_accent", "accent", 4.5), ("warn", "panel", 4.0),
        ("bad", "panel", 4.5), ("ok", "panel", 4.0), ("accent", "panel", 4.5),
    ):  # fmt: skip
        ratio = contrast(getattr(chrome, text), getattr(chrome, ground))
        assert ratio >= least, f"{text} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("chrome", [DARK, LIGHT])
def test_that_the_style_sheet_names_only_colours_of_the_tokens(chrome: Chrome) -> None:
    sheet = style_sheet(chrome, "/marks")
    assert "$" not in sheet
    assert not re.search(r"\b(red|white|black|gr[ae]y)\b", sheet)


def test_that_every_mark_of_the_style_sheet_is_a_file(dressed: Theme) -> None:
    sheet = QApplication.instance().styleSheet()  # type: ignore[union-attr]
    marks = set(re.findall(r'url\("([^"]+)"\)', sheet))
    assert len(marks) > 5
    for mark in marks:
        with open(mark, encoding="utf-8") as file:
            assert "currentColor" not in file.read()


def test_that_arrows_of_spin_boxes_and_combos_are_drawn(dressed: Theme, qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    for field in (QSpinBox(), QComboBox()):
        layout.addWidget(field)
        field.setFixedWidth(120)
    holder.show()
    for field in holder.findChildren(QSpinBox) + holder.findChildren(QComboBox):
        image = field.grab().toImage()
        right = [image.pixelColor(x, y).name() for x in range(98, 116) for y in range(3, 20)]
        assert len(set(right)) > 3, f"no arrow in {type(field).__name__}"


def test_that_the_text_is_inter_with_figures_of_one_width(dressed: Theme) -> None:
    font = QApplication.font()
    assert font.family() == "Inter"
    assert font.pixelSize() == fonts.TEXT_PX
    widths = {QFontMetricsF(fonts.text()).horizontalAdvance(figure * 10) for figure in "0123456789"}
    assert len(widths) == 1


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio."""
    low, high = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: QColor) -> float:
    """WCAG 2.1 relative luminance."""
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[Theme]:
    """A theme that is prepared and has no style sheet yet."""
    with trying_on(qapp) as made:
        made.prepare()
        yield made


def test_that_a_window_puts_the_style_sheet_on_once_all_is_in_its_place(
    undressed: Theme, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    panels = shell.panels()
    assert qapp.styleSheet() == ""
    window = MainWindow(
        panels, theme=undressed, settings=Settings(tmp_path), layouts=LayoutStore(tmp_path)
    )
    qtbot.addWidget(window)
    assert "dockTitle" in qapp.styleSheet()
    qapp.setStyleSheet("")
    undressed.dress()
    assert qapp.styleSheet() == ""  # not twice
