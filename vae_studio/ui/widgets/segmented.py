"""A few choices side by side, all in sight: one click instead of the two of a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe

ICON_PX = 14


class Segmented(QWidget):
    """Exactly one of its buttons is down; arrow keys move along them.

    Signal: ``chosen(str value)`` after the person chose another one.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None, *, vertical: bool = False) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._values: list[str] = []
        self._row: QBoxLayout = QVBoxLayout(self) if vertical else QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setAccessibleName(name)
        self._group.buttonClicked.connect(self._tell)

    def add(self, value: str, label: str, help: str, icon_name: str = "") -> None:
        """One more choice on the right; the first one is down at the start.

        ``label`` may hold a mnemonic ("Slide &4:3").
        """
        button = QToolButton()
        button.setText(f" {label}" if icon_name else label)  # air between icon and text
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
        if icon_name:
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        describe(button, label.replace("&", ""), help)
        button.setChecked(not self._values)
        self._group.addButton(button, len(self._values))
        self._values.append(value)
        self._row.addWidget(button)
        self._proxy_focus()

    @property
    def value(self) -> str:
        """The value of the button that is down."""
        return self._values[self._group.checkedId()]

    def show_value(self, value: str) -> None:
        """Put a button down without telling anyone."""
        self._group.button(self._values.index(value)).setChecked(True)
        self._proxy_focus()

    def button(self, value: str) -> QAbstractButton:
        """The button of a value."""
        return self._group.button(self._values.index(value))

    def labels(self) -> Sequence[str]:
        """What the buttons say, from left to right."""
        return [button.text().replace("&", "").strip() for button in self._group.buttons()]

    @Slot(QAbstractButton)
    def _tell(self, button: QAbstractButton) -> None:
        self._proxy_focus()
        self.chosen.emit(self.value)

    def _proxy_focus(self) -> None:
        # the label's mnemonic leads to the button that is down
        self.setFocusProxy(self._group.button(self._group.checkedId()))
