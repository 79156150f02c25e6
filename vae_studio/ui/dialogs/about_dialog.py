"""What this is, which version, under which licences."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_studio import __version__
from vae_studio.ui import fonts
from vae_studio.ui.icons import icon
from vae_studio.ui.settings import config_folder
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

WIDTH_PX = 460
PARTS = ("torch", "PySide6-Essentials", "pyqtgraph", "numpy")
TEXT = (
    "Train variational autoencoders and watch them learn, walk their latent space, and take the "
    "result away as finished pictures."
)
PRIVACY = "Everything stays on this computer: no account, no telemetry, no update check."
LICENCES = "MIT licence. Icons: Lucide (ISC). Type: Inter (OFL). Windows: Qt (LGPL)."


class AboutDialog(QDialog):
    """Shown with ``open()``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About VAE Studio")
        self.setFixedWidth(WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(self._head())
        for text, muted in (
            (TEXT, False),
            (PRIVACY, False),
            (self.versions, True),
            (LICENCES, True),
        ):
            layout.addWidget(_paragraph(text, muted=muted))
        layout.addLayout(self._buttons())

    @property
    def versions(self) -> str:
        """One line that names every part that matters in a report."""
        parts = [f"{name.removesuffix('-Essentials')} {_version(name)}" for name in PARTS]
        return f"Python {platform.python_version()} · " + " · ".join(parts)

    @Slot()
    def copy_versions(self) -> None:
        """Put the versions on the clipboard."""
        QGuiApplication.clipboard().setText(f"VAE Studio {__version__} · {self.versions}")

    def _head(self) -> QHBoxLayout:
        name = QLabel("VAE Studio")
        name.setFont(fonts.headline())
        version = QLabel(f"version {__version__}")
        version.setProperty("muted", True)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("map", "accent", side_px=28))
        row.addWidget(name)
        row.addStretch()
        row.addWidget(version, 0, Qt.AlignmentFlag.AlignBottom)
        return row

    def _buttons(self) -> QHBoxLayout:
        copy = QPushButton(icon("clipboard"), "Copy versions")
        describe(copy, "Copy versions", "Copy the versions, for a question or a report.")
        copy.setAutoDefault(False)
        copy.clicked.connect(self.copy_versions)
        close = QPushButton("Close")
        close.setDefault(True)
        describe(close, "Close", f"Go back to the window. Settings lie in {config_folder()}.")
        close.clicked.connect(self.accept)
        close.setFocus()
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch()
        row.addWidget(close)
        return row


def _paragraph(text: str, *, muted: bool) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("muted", muted)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
