"""Settings of other code from the clipboard: what they would change, before they change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.cards import Card
from vae_studio.domain.config import OPTION_FIELDS, RunConfig, knobs, value_at
from vae_studio.domain.knobs import Knob, Value
from vae_studio.domain.translate.translation import Translation
from vae_studio.ui import fonts
from vae_studio.ui.widgets.hints import describe, wrapped
from vae_studio.ui.widgets.knob_form import Catalogs

WIDTH_PX = 560
LIST_HEIGHT_PX = 380
NOTHING = "The settings are these already."


@dataclass(frozen=True)
class Change:
    """One setting that differs, as a person reads it; an empty ``before`` was not there."""

    label: str
    before: str
    after: str


class PasteSettingsDialog(QDialog):
    """Shown with ``open()``. Signal: ``settings_chosen(RunConfig)`` when they are to be applied."""

    settings_chosen = Signal(object)

    def __init__(
        self, found: Translation, changes: Sequence[Change], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Paste settings")
        self.setFixedWidth(WIDTH_PX)
        self._found = found
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        title = QLabel(f"Settings of {found.style}")
        title.setFont(fonts.text(14, bold=True))
        layout.addWidget(title)
        layout.addWidget(self._beta())
        layout.addWidget(_scrolling(self._facts(changes)))
        layout.addLayout(self._buttons(bool(changes)))

    def _beta(self) -> QLabel:
        label = _paragraph(self._found.beta.sentence)
        label.setToolTip(wrapped(self._found.beta.reason))
        return label

    def _facts(self, changes: Sequence[Change]) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(10)
        for note in self._found.notes:
            layout.addWidget(_paragraph(note, muted=True))
        if self._found.unknown:
            left = _paragraph(f"Without a counterpart here: {', '.join(self._found.unknown)}.")
            left.setProperty("tone", "warn")
            layout.addWidget(left)
        if changes:
            layout.addLayout(_table(changes))
        else:
            layout.addWidget(_paragraph(NOTHING))
        layout.addStretch()
        return inside

    def _buttons(self, there_is_something: bool) -> QHBoxLayout:
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        describe(cancel, "Cancel", "Leave the settings as they are.")
        cancel.clicked.connect(self.reject)
        apply = QPushButton("Apply")
        apply.setDefault(True)
        apply.setEnabled(there_is_something)
        describe(apply, "Apply", "Take these settings over; one Undo takes them all back.")
        apply.clicked.connect(self._choose)
        apply.setFocus()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        row.addWidget(cancel)
        row.addWidget(apply)
        return row

    @Slot()
    def _choose(self) -> None:
        self.settings_chosen.emit(self._found.config)
        self.accept()


def changes_between(before: RunConfig, after: RunConfig, catalogs: Catalogs) -> list[Change]:
    """What differs, in the order of the forms; each card's options stand below it."""
    found = []
    for knob in knobs():
        old, new = value_at(before, knob.path), value_at(after, knob.path)
        if old != new:
            found.append(
                Change(knob.label, _spelled(old, knob, catalogs), _spelled(new, knob, catalogs))
            )
        if knob.path in OPTION_FIELDS:
            found += _option_changes(before, after, knob, catalogs)
    return found


def _option_changes(
    before: RunConfig, after: RunConfig, knob: Knob, catalogs: Catalogs
) -> list[Change]:
    cards = catalogs.cards(knob.catalog)
    old, new = (_options(config, knob.path, cards) for config in (before, after))
    return [
        Change(
            option.label,
            _spelled(old[option.path], option, catalogs) if option.path in old else "",
            _spelled(new[option.path], option, catalogs),
        )
        for option in cards[str(value_at(after, knob.path))].knobs
        if old.get(option.path) != new[option.path]
    ]


def _options(config: RunConfig, path: str, cards: Mapping[str, Card]) -> dict[str, Value]:
    section, field = OPTION_FIELDS[path].split(".")
    card = cards[str(value_at(config, path))]
    return {**card.defaults(), **getattr(getattr(config, section), field)}


def _spelled(value: Value, knob: Knob, catalogs: Catalogs) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if knob.kind == "polyline":
        return f"{str(value).count(',') + 1} points"
    choices = catalogs.choices(knob.catalog) if knob.catalog else knob.choices
    named = next((choice.label for choice in choices if choice.value == value), None)
    text = named or (f"{value:,.6g}" if isinstance(value, float) else str(value))
    return f"{text} {knob.unit}" if knob.unit and named is None else text


def _table(changes: Sequence[Change]) -> QGridLayout:
    table = QGridLayout()
    table.setHorizontalSpacing(12)
    table.setVerticalSpacing(4)
    table.setColumnStretch(3, 1)
    for row, change in enumerate(changes):
        arrow = "→" if change.before else ""
        texts = (change.label, change.before, arrow, change.after)
        for column, text in enumerate(texts):
            label = _paragraph(text, muted=column < 3)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            table.addWidget(label, row, column)
    return table


def _paragraph(text: str, *, muted: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("muted", muted)
    return label


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    wanted = content.heightForWidth(WIDTH_PX - 40)
    area.setFixedHeight(min(LIST_HEIGHT_PX, max(wanted, content.sizeHint().height())))
    return area
