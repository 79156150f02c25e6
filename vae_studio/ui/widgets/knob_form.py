"""A form generated from knobs: one row each, the rare ones behind "More"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from vae_studio.domain.cards import Card
from vae_studio.domain.config import RunConfig, knobs, value_at, with_value, without_options
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Choice, Knob, Value
from vae_studio.domain.phase import Phase
from vae_studio.domain.schedules import settings_in_use
from vae_studio.ui.widgets.disclosure import Disclosure
from vae_studio.ui.widgets.hints import wrapped
from vae_studio.ui.widgets.knob_editor import KnobEditor

LABEL_WIDTH_PX = 84  # one edge for the fields of all forms in a column
ROW_GAP_PX = 4
LOCKED = "Decided when a run starts."


def _no_choices(catalog: str) -> tuple[Choice, ...]:
    return ()


def _no_cards(catalog: str) -> Mapping[str, Card]:
    return {}


@dataclass(frozen=True)
class Catalogs:
    """Where a form finds what its knobs can choose from; the engine's catalogs fit.

    ``choices(catalog)`` answers the choices of a knob, ``cards(catalog)`` the cards by name, and
    ``option_fields`` maps a knob's path to the config field that holds the chosen card's options.
    """

    choices: Callable[[str], Sequence[Choice]] = _no_choices
    cards: Callable[[str], Mapping[str, Card]] = _no_cards
    option_fields: Mapping[str, str] = field(default_factory=dict)


class KnobForm(QWidget):
    """Shows one or more sections of a RunConfig.

    Signal: ``knob_changed(str path, object value)`` after the person changed a field. With another
    card (another network, say) the options of the old one fall away.
    """

    knob_changed = Signal(str, object)

    def __init__(
        self,
        sections: Sequence[str],
        catalogs: Catalogs,
        *,
        without: Collection[str] = (),
        in_sight: Collection[str] = (),
    ) -> None:
        """``without`` leaves paths out; ``in_sight`` keeps advanced ones out of "More"."""
        super().__init__()
        self._catalogs = catalogs
        self._config = RunConfig()
        self._phase = Phase.IDLE
        self._editors: dict[str, KnobEditor] = {}
        self._cards: dict[str, str] = {}
        self._rows = _rows()
        self._rare_rows = _rows()
        self._option_rows: dict[str, QFormLayout] = {}
        wanted = [k for k in knobs() if k.panel in sections and k.path not in without]
        self._build(wanted, set(in_sight))
        self.show_config(self._config)

    @property
    def config(self) -> RunConfig:
        """The settings as the form shows them (fields of other sections as last given)."""
        return self._config

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted path of every field that is there, options of the chosen cards included."""
        return tuple(self._editors)

    def editor(self, path: str) -> KnobEditor:
        """The editor at a dotted path; KeyError where there is none."""
        return self._editors[path]

    def show_config(self, config: RunConfig) -> None:
        """Show all values without emitting."""
        self._config = config
        for path in self._option_rows:
            self._show_options_of(path)
        for path, editor in self._editors.items():
            editor.show_value(self._value_at(path, editor.knob))
        self._show_what_is_in_use()
        self._show_more_if_needed()
        self.apply_phase(self._phase)

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """While a run is under way only the live knobs can be turned."""
        self._phase = phase
        for editor in self._editors.values():
            editor.lock(LOCKED if phase.busy and not editor.knob.live else "")

    def set_row_visible(self, path: str, visible: bool) -> None:
        """Show or hide the row of a field."""
        rows = self._rows_of(path)
        rows.setRowVisible(self._editors[path].field, visible)

    def is_row_visible(self, path: str) -> bool:
        """Whether the row of a field is shown (as far as the form itself decides)."""
        return self._rows_of(path).isRowVisible(self._editors[path].field)

    def add_below(self, path: str, widget: QWidget) -> None:
        """Put a widget under the field at a dotted path, as wide as the form."""
        rows, field = self._rows_of(path), self._editors[path].field
        rows.insertRow(rows.getWidgetPosition(field)[0] + 1, widget)  # type: ignore[index]

    def add_above_more(self, widget: QWidget) -> None:
        """Put a widget under the rows that are always in sight."""
        self._outside.insertWidget(self._outside.indexOf(self.more), widget)

    def _rows_of(self, path: str) -> QFormLayout:
        rare = self._rare_rows.indexOf(self._editors[path].field) >= 0
        return self._rare_rows if rare else self._rows

    def _build(self, wanted: list[Knob], in_sight: set[str]) -> None:
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(ROW_GAP_PX)
        below_rare: list[QFormLayout] = []
        for knob in wanted:
            rare = knob.advanced and knob.path not in in_sight
            self._add_row(knob.path, knob, self._rare_rows if rare else self._rows)
            if knob.path in self._catalogs.option_fields:
                rows = self._option_rows[knob.path] = _rows()
                if rare:
                    below_rare.append(rows)
                else:
                    inside.addLayout(rows)
        for rows in (self._rare_rows, *below_rare):
            inside.addLayout(rows)
        self._outside = outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(2)
        outside.addLayout(self._rows)
        self.more = Disclosure("More", content, tooltip="Settings that are rarely changed.")
        outside.addWidget(self.more)

    def _add_row(self, path: str, knob: Knob, rows: QFormLayout) -> None:
        choices = self._catalogs.choices(knob.catalog) if knob.catalog else knob.choices
        editor = KnobEditor(knob, choices, self)
        editor.edited.connect(self._take)
        editor.setObjectName(path)
        editor.field.setObjectName(path)
        label = QLabel(knob.label)
        label.setProperty("muted", True)
        label.setMinimumWidth(LABEL_WIDTH_PX)
        label.setToolTip(wrapped(knob.help))
        label.setBuddy(editor.field)
        rows.addRow(label, editor.field)
        self._editors[path] = editor

    def _show_options_of(self, path: str) -> None:
        """The rows of the card chosen at ``path``, made anew when another card was chosen."""
        name = str(value_at(self._config, path))
        if self._cards.get(path) == name:
            return
        self._cards[path] = name
        rows, prefix = self._option_rows[path], f"{self._catalogs.option_fields[path]}."
        while rows.rowCount():
            rows.removeRow(0)
        for old in [p for p in self._editors if p.startswith(prefix)]:
            self._editors.pop(old).deleteLater()
        card = self._catalogs.cards(self._editors[path].knob.catalog).get(name)
        for knob in card.knobs if card else ():
            self._add_row(prefix + knob.path, knob, rows)

    def _show_what_is_in_use(self) -> None:
        """Rows that shape nothing under the chosen objective and curves are hidden."""
        objective = self._catalogs.cards("objective").get(self._config.objective.objective)
        in_use = settings_in_use(self._config, objective.uses if objective else ())
        in_use["objective.auxiliary_weight"] = self._config.objective.auxiliary != "none"
        for path in in_use.keys() & self._editors.keys():
            if self.is_row_visible(path) != in_use[path]:
                self.set_row_visible(path, in_use[path])

    def _show_more_if_needed(self) -> None:
        rare = self._rare_rows.rowCount() + sum(r.rowCount() for r in self._option_rows.values())
        self.more.setVisible(rare > 0)

    def _value_at(self, path: str, knob: Knob) -> Value:
        try:
            return value_at(self._config, path)
        except KeyError:  # an option nobody has set
            return knob.default

    @Slot(object)
    def _take(self, value: Value) -> None:
        editor = self.sender()
        assert isinstance(editor, KnobEditor)
        path = editor.objectName()
        options = self._catalogs.option_fields.get(path)
        before = without_options(self._config, options) if options else self._config
        with suppress(StudioError):  # who owns the settings will refuse it, and say why
            self._config = with_value(before, path, value)
        self._show_what_is_in_use()
        if options:
            self._show_options_of(path)
            self._show_more_if_needed()
            self.apply_phase(self._phase)
        self.knob_changed.emit(path, value)


def _rows() -> QFormLayout:
    rows = QFormLayout()
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setHorizontalSpacing(8)
    rows.setVerticalSpacing(ROW_GAP_PX)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return rows
