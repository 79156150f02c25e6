"""A "More" line that shows and hides what is rarely needed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from vae_studio.ui.icons import icon


class Disclosure(QWidget):
    """A button and the widget it discloses. Signal: ``opened(bool)``."""

    opened = Signal(bool)

    def __init__(self, text: str, content: QWidget, *, tooltip: str) -> None:
        super().__init__()
        self._content = content
        self._button = QToolButton()
        self._button.setText(text)
        self._button.setCheckable(True)
        self._button.setProperty("disclosure", True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setIconSize(QSize(12, 12))
        self._button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._button.setToolTip(tooltip)
        self._button.setAccessibleName(text)
        self._button.toggled.connect(self.set_open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._button)
        layout.addWidget(content)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self._button.isChecked()

    @Slot(bool)
    def set_open(self, is_open: bool) -> None:
        """Show or hide the content."""
        self._button.setChecked(is_open)
        self._button.setIcon(icon("chevron-down" if is_open else "chevron-right", "muted"))
        self._content.setVisible(is_open)
        self.opened.emit(is_open)
