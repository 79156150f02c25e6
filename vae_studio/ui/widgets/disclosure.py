"""A "More" line that shows and hides what is rarely needed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from vae_studio.ui.icons import icon


class Disclosure(QWidget):
    """A button and the widget it discloses. Signal: ``opened(bool)``.

    ``button`` may be moved into another layout, to save a line.
    """

    opened = Signal(bool)

    def __init__(self, text: str, content: QWidget, *, tooltip: str) -> None:
        super().__init__()
        self._content = content
        self.button = QToolButton()
        self.button.setText(text)
        self.button.setCheckable(True)
        self.button.setProperty("disclosure", True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIconSize(QSize(12, 12))
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.setToolTip(tooltip)
        self.button.setAccessibleName(text)
        self.button.toggled.connect(self.set_open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.button)
        layout.addWidget(content)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self.button.isChecked()

    @Slot(bool)
    def set_open(self, is_open: bool) -> None:
        """Show or hide the content."""
        self.button.setChecked(is_open)
        self.button.setIcon(icon("chevron-down" if is_open else "chevron-right", "muted"))
        self._content.setVisible(is_open)
        self.opened.emit(is_open)
