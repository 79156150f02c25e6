"""The choices that the name of a set spells, as a few fields."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from vae_studio.data.set_options import base_of, knobs_of, spelled, values_of
from vae_studio.domain.knobs import Value
from vae_studio.ui.widgets.hints import wrapped
from vae_studio.ui.widgets.knob_editor import KnobEditor
from vae_studio.ui.widgets.knob_form import LABEL_WIDTH_PX, ROW_GAP_PX


class SetOptionsForm(QWidget):
    """Signal: ``name_chosen(str)`` the same set with other options. Hidden where there are none;
    the window of one's own pictures once it is known to mean anything."""

    name_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._editors: dict[str, KnobEditor] = {}
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(ROW_GAP_PX)
        self.hide()

    def editor(self, path: str) -> KnobEditor:
        """The field of an option; KeyError where there is none."""
        return self._editors[path]

    def show_name(self, name: str) -> None:
        """Offer what can be chosen about this set, as its name says it is."""
        if base_of(name) != base_of(self._name):
            self._build(name)
        self._name = name
        self.setVisible(bool(self._editors) and (not self._is_window or name != base_of(name)))
        for path, value in values_of(name).items():
            self._editors[path].show_value(value)

    def show_window(self, deep: bool) -> None:
        """One's own pictures have more than 8 bits: which values are shown can be chosen."""
        if self._is_window and deep:
            self.show()

    @property
    def _is_window(self) -> bool:
        return "window" in self._editors

    def lock(self, why: str) -> None:
        """Grey every field and say why; an empty reason makes them usable again."""
        for editor in self._editors.values():
            editor.lock(why)

    def _build(self, name: str) -> None:
        while self._rows.rowCount():
            self._rows.removeRow(0)
        for editor in self._editors.values():
            editor.deleteLater()
        self._editors.clear()
        for knob in knobs_of(name):
            editor = KnobEditor(knob, knob.choices, self)
            editor.edited.connect(self._tell)
            label = QLabel(knob.label)
            label.setProperty("muted", True)
            label.setMinimumWidth(LABEL_WIDTH_PX)
            label.setToolTip(wrapped(knob.help))
            label.setBuddy(editor.field)
            self._rows.addRow(label, editor.field)
            self._editors[knob.path] = editor

    @Slot()
    def _tell(self) -> None:
        values: dict[str, Value] = {p: editor.value() for p, editor in self._editors.items()}
        name = spelled(self._name, values)
        if name != self._name:
            self._name = name
            self.name_chosen.emit(name)
