"""Fields that do not change by accident: the wheel scrolls the page unless a field has focus."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QLocale, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from vae_studio.domain.knobs import Stepping

#: About eight even stops in every power of ten.
DECADE_STOPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
TEXT_INSET_PX = 5  # where the text of a combo box begins, too
FIELD_WIDTH_PX = 84  # fields may become this narrow before a form asks for a scroll bar


class NumberField(QDoubleSpinBox):
    """A number with its unit. Whole numbers up to 2**53 and fractions alike."""

    def __init__(
        self,
        *,
        decimals: int = 0,
        low: float = 0.0,
        high: float = 1e9,
        step: float = 1.0,
        stepping: Stepping = "even",
        unit: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stepping = stepping
        self.setLocale(QLocale(QLocale.Language.C))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(TEXT_INSET_PX, 0, 0, 0)
        self.setKeyboardTracking(False)  # a half-typed number is not a wish
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setSuffix(f" {unit}" if unit else "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def smallest_step(self) -> float:
        """The least that two numbers of this field can differ by."""
        return float(10.0 ** -self.decimals())

    # Qt
    def minimumSizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH_PX, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH_PX + 40, super().sizeHint().height())

    def textFromValue(self, value: float) -> str:
        return number_text(value, self.decimals())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        # the base class knows neither "1e-3" nor a decimal comma
        state = super().validate(text, position)
        typed = self._bare(text)
        if state[0] != QValidator.State.Invalid or not set(typed) <= set("0123456789.,eE+-"):
            return state
        return QValidator.State.Intermediate, text, position

    def valueFromText(self, text: str) -> float:
        return _number(self._bare(text), self.value())

    def fixup(self, text: str) -> str:
        value = _number(self._bare(text), self.value())
        return self.textFromValue(min(self.maximum(), max(self.minimum(), value)))

    def stepBy(self, steps: int) -> None:
        if self._stepping == "even":
            super().stepBy(steps)
            return
        value = self.value()
        for _ in range(abs(steps)):
            value = next_stop(value, steps > 0, self._stepping, self.smallest_step())
        self.setValue(value)
        self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._leaves_to_window(event):
            event.ignore()
            return False
        return super().event(event)

    def _leaves_to_window(self, event: QEvent) -> bool:
        """Undo belongs to the text only while there is typing to take back."""
        if not isinstance(event, QKeyEvent):
            return False
        undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
        typing = self.lineEdit().isUndoAvailable() or self.lineEdit().isRedoAvailable()
        return not typing and (event.matches(undo) or event.matches(redo))

    def _bare(self, text: str) -> str:
        return text.removesuffix(self.suffix()).strip()


class ChoiceField(QComboBox):
    """One answer of several; ``itemData`` holds the value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # Qt
    def minimumSizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH_PX, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        # the style would cut a long name in the middle of a letter
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(kind, option, part, self).width() - 2
        elide = Qt.TextElideMode.ElideRight
        option.currentText = self.fontMetrics().elidedText(self.currentText(), elide, room)
        painter.drawComplexControl(kind, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def number_text(value: float, decimals: int) -> str:
    """A number without needless zeros, but "1.00" rather than "1" where fractions are at home."""
    text = f"{value:.{decimals}f}"
    if "." not in text:
        return text
    whole, fraction = text.split(".")
    return f"{whole}.{fraction.rstrip('0').ljust(min(2, decimals), '0')}"


def next_stop(value: float, up: bool, stepping: Stepping, smallest: float) -> float:
    """The neighbouring stop of ``value``: twice or half of it, or the next of about eight in a
    decade. Below ``smallest`` lies 0, and above 0 lies ``smallest`` (or 0.1 if that is more)."""
    if stepping == "doubling":
        return max(1.0, value * 2 if up else math.floor(value / 2))
    if value <= 0:
        return max(smallest, 0.1) if up else 0.0
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    stops = [decade * stop for stop in DECADE_STOPS]
    if up:
        return next((s for s in stops if s > value * (1 + 1e-6)), decade * 10)
    below = [s for s in [decade / 10 * DECADE_STOPS[-1], *stops] if s < value * (1 - 1e-6)]
    return below[-1] if below[-1] >= smallest else 0.0


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return otherwise
    return value if math.isfinite(value) else otherwise
