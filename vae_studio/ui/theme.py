"""Light and dark: the palette, the style sheet and who is told when they change."""

from __future__ import annotations

import sys
from typing import Literal, get_args

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from vae_studio.domain.palette import DARK, LIGHT, Chrome

Mode = Literal["system", "light", "dark"]
MODES: tuple[Mode, ...] = get_args(Mode)

_PROPERTY = "vae_studio_theme"
_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "raised",
    QPalette.ColorRole.AlternateBase: "panel",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "raised",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border",
    QPalette.ColorRole.Shadow: "bg",
}
_FADED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


class Theme(QObject):
    """The colours in force. ``changed()`` comes after palette and style sheet are in place.

    Made by the application; it dresses nothing until ``install``. ``mode`` is what the person
    chose ("system" follows the desktop), ``dark`` what that means at the moment.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: Mode = "system") -> None:
        super().__init__(app)
        self._app = app
        self._mode: Mode = mode
        self._prepared = self._installed = False
        self._arrows: QTemporaryDir | None = None
        self._dark = self._wanted_dark()
        app.setProperty(_PROPERTY, self)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def mode(self) -> Mode:
        """What the person chose."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the colours in force are the dark ones."""
        return self._dark

    @property
    def chrome(self) -> Chrome:
        """The colours in force."""
        return DARK if self._dark else LIGHT

    def install(self) -> None:
        """Dress the application: Fusion, our font, palette and style sheet."""
        self.prepare()
        self.dress()

    def prepare(self) -> None:
        """Everything but the style sheet, which costs least when all widgets are in their places:
        under it, each new parent has a widget and all it holds looked at anew."""
        from vae_studio.ui import fonts

        self._prepared = True
        self._app.setStyle("Fusion")
        fonts.install(self._app)
        self._app.setPalette(palette(self.chrome))

    def dress(self) -> None:
        """Put the style sheet on, where the application was prepared and is not dressed yet."""
        if self._prepared and not self._installed:
            self._installed = True
            self._dress()

    def pin(self, mode: Mode) -> None:
        """Stay light or dark, or follow the system again."""
        if mode not in MODES:
            raise ValueError(f"no theme is called {mode!r}")
        self._mode = mode
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        # frames and native dialogs follow where the platform can; our palette does the rest
        QGuiApplication.styleHints().setColorScheme(schemes.get(mode, Qt.ColorScheme.Unknown))
        self._follow_system()

    def toggle(self) -> None:
        """Pin the other one of light and dark."""
        self.pin("light" if self._dark else "dark")

    @Slot()
    def _follow_system(self) -> None:
        wanted = self._wanted_dark()
        if wanted == self._dark:
            return
        self._dark = wanted
        if self._installed:
            self._dress()
        self.changed.emit()

    def _wanted_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _dress(self) -> None:
        from vae_studio.ui.style_sheet import style_sheet, write_marks

        if self._arrows is None:
            self._arrows = QTemporaryDir()
        self._app.setPalette(palette(self.chrome))
        marks = write_marks(self.chrome, self._arrows.path())
        self._app.setStyleSheet(style_sheet(self.chrome, marks))
        tell_pyqtgraph(self.chrome)


def palette(chrome: Chrome) -> QPalette:
    """The Qt palette made of a theme's colours; disabled text is half way to the panel."""
    made = QPalette()
    for role, token in _ROLES.items():
        made.setColor(role, QColor(getattr(chrome, token)))
    for role in _FADED:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(faded(chrome)))
    return made


def faded(chrome: Chrome) -> str:
    """The colour of disabled text: muted, half way to the panel."""
    return mixed(chrome.muted, chrome.panel, 0.5)


def mixed(colour: str, other: str, share: float) -> str:
    """``colour`` with ``share`` of ``other`` in it, as ``#rrggbb``."""
    one, two = QColor(colour), QColor(other)
    pairs = zip(one.getRgb()[:3], two.getRgb()[:3], strict=True)  # type: ignore[index]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def tell_pyqtgraph(chrome: Chrome) -> None:
    """Plots made from now on have these colours; does nothing while no plot exists yet."""
    pyqtgraph = sys.modules.get("pyqtgraph")
    if pyqtgraph is not None:
        pyqtgraph.setConfigOption("background", chrome.panel)
        pyqtgraph.setConfigOption("foreground", chrome.muted)


def current() -> Theme:
    """The application's theme; a bare one, which dresses nothing, where none was made."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the theme needs a QApplication")
    found = app.property(_PROPERTY)
    return found if isinstance(found, Theme) else Theme(app)
