"""The field that shows and changes one knob."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from vae_studio.domain.knobs import Choice, Knob, Value
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.steady_inputs import ChoiceField, NumberField

WIDEST_NUMBER = 1e15  # where a knob sets no limit; still exact as a double


class KnobEditor(QObject):
    """Owns the ``field`` of a knob. Signal: ``edited(value)`` after the person changed it."""

    edited = Signal(object)

    def __init__(
        self, knob: Knob, choices: Sequence[Choice] = (), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.knob = knob
        self._choices = tuple(choices) or knob.choices
        self.field: QWidget = self._make_field()
        self.show_value(knob.default)
        self.lock("")

    def value(self) -> Value:
        """What the field says, in the knob's own type."""
        field = self.field
        if isinstance(field, NumberField):
            return int(field.value()) if self.knob.kind == "int" else field.value()
        if isinstance(field, ChoiceField):
            return str(field.currentData())
        if isinstance(field, QCheckBox):
            return field.isChecked()
        assert isinstance(field, QLineEdit)
        return field.text()

    def show_value(self, value: Value) -> None:
        """Show a value without telling anyone."""
        field = self.field
        blocker = QSignalBlocker(field)
        if isinstance(field, NumberField):
            field.setValue(float(value))
        elif isinstance(field, ChoiceField):
            self._show_choice(field, str(value))
        elif isinstance(field, QCheckBox):
            field.setChecked(bool(value))
        elif isinstance(field, QLineEdit):
            field.setText(str(value))
        blocker.unblock()

    def lock(self, why: str) -> None:
        """Grey the field and say why; an empty reason makes it usable again."""
        self.field.setEnabled(not why)
        help_of_choice = next((c.help for c in self._choices if c.value == self.value()), "")
        describe(self.field, self.knob.label, why, self.knob.help, help_of_choice)

    def allow_choices(self, usable: set[str], why: str) -> None:
        """Grey the choices that are not ``usable`` and give the reason as their tooltip."""
        field = self.field
        model = field.model() if isinstance(field, ChoiceField) else None
        if not isinstance(field, ChoiceField) or not isinstance(model, QStandardItemModel):
            return
        for row in range(field.count()):
            allowed = field.itemData(row) in usable
            model.item(row).setEnabled(allowed)
            help_text = self._choices[row].help if row < len(self._choices) else ""
            field.setItemData(row, help_text if allowed else why, Qt.ItemDataRole.ToolTipRole)

    def _make_field(self) -> QWidget:
        makers = {
            "int": self._make_number, "float": self._make_number, "choice": self._make_choice,
            "flag": self._make_check, "text": self._make_text, "polyline": self._make_text,
        }  # fmt: skip
        return makers[self.knob.kind]()

    def _make_number(self) -> QWidget:
        knob = self.knob
        whole = knob.kind == "int"
        field = NumberField(
            decimals=0 if whole else knob.decimals,
            low=-WIDEST_NUMBER if knob.low is None else knob.low,
            high=WIDEST_NUMBER if knob.high is None else knob.high,
            step=knob.step or (1.0 if whole else 0.1),
            stepping=knob.stepping,
            unit=knob.unit,
        )
        field.valueChanged.connect(self._tell)
        return field

    def _make_choice(self) -> QWidget:
        field = ChoiceField()
        for row, choice in enumerate(self._choices):
            field.addItem(choice.label, choice.value)
            field.setItemData(row, choice.help, Qt.ItemDataRole.ToolTipRole)
        field.currentIndexChanged.connect(self._tell)
        return field

    def _make_check(self) -> QWidget:
        field = QCheckBox()
        field.toggled.connect(self._tell)
        return field

    def _make_text(self) -> QWidget:
        field = QLineEdit()
        field.editingFinished.connect(self._tell)
        return field

    def _show_choice(self, field: ChoiceField, value: str) -> None:
        row = field.findData(value)
        if row < 0:  # a name from another version or machine is shown as it is, not replaced
            field.addItem(value, value)
            row = field.count() - 1
        field.setCurrentIndex(row)

    @Slot()
    def _tell(self) -> None:
        self.edited.emit(self.value())
