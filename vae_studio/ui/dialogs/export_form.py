"""The form of a sample grid: every field of SampleGridSpec, in the order one thinks of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.grid import CAPTION_TEMPLATE, MAX_TEXT, SampleGridSpec
from vae_studio.export.caption import FACTS
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.segmented import Segmented
from vae_studio.ui.widgets.steady_inputs import NumberField

LABEL_WIDTH_PX = 84
INNER_LABEL_WIDTH_PX = 56
ROW_HEIGHT_PX = 28
SEEDS = 1_000_000  # the dice's seeds can be read out and typed again

#: A slide with a caption: what most people come for.
FIRST_SPEC = SampleGridSpec(page="slide-16:9", scale=0, caption=CAPTION_TEMPLATE)
GRID_SCALE = 4

PAGE_CHOICES = (
    ("slide-16:9", "Slide 16:&9", "1920 × 1080 pixels, as large as a wide slide.", "monitor"),
    ("slide-4:3", "Slide &4:3", "1600 × 1200 pixels, as large as a classic slide.", "presentation"),
    ("grid", "&Just the grid", "Cut to the pictures, for papers and documents.", "grid-3x3"),
)
BACKGROUND_CHOICES = (
    ("black", "Black", "Digits melt into one dark sheet."),
    ("white", "White", "For white slides and paper."),
    ("transparent", "Transparent", "The slide shows through between the pictures."),
)


def roll() -> int:
    """A seed nobody chose."""
    return secrets.randbelow(SEEDS)


class ExportForm(QWidget):
    """Edits a SampleGridSpec. Signal: ``changed()`` after the person changed a field."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, dice: Callable[[], int] = roll) -> None:
        super().__init__(parent)
        self._dice = dice
        self._showing = False
        self._shown_page = FIRST_SPEC.page
        self._scales = {"grid": GRID_SCALE}  # the scale each page had when it was left
        self._make_fields()
        self._lay_out()
        self.show_spec(FIRST_SPEC)
        self._connect()

    def spec(self) -> SampleGridSpec:
        """What the fields say."""
        return SampleGridSpec(
            rows=int(self.rows.value()),
            columns=int(self.columns.value()),
            gap_px=int(self.gap.value()),
            border_px=int(self.border.value()),
            scale=int(self.scale.value()),
            seed=int(self.seed.value()),
            temperature=round(self.temperature.value(), 2),
            background=self.background.value,  # type: ignore[arg-type]
            title=self.title.text(),
            caption=self.caption.text(),
            page=self.page.value,
        )

    def show_spec(self, spec: SampleGridSpec) -> None:
        """Show a spec without telling anyone."""
        self._showing = True
        self.page.show_value(spec.page)
        self._allow_scales(spec.page)
        numbers = (
            (self.rows, spec.rows), (self.columns, spec.columns), (self.gap, spec.gap_px),
            (self.border, spec.border_px), (self.scale, spec.scale), (self.seed, spec.seed),
            (self.temperature, spec.temperature),
        )  # fmt: skip
        for field, value in numbers:
            field.setValue(value)
        self.background.show_value(spec.background)
        for line, text in ((self.title, spec.title), (self.caption, spec.caption)):
            if line.text() != text:  # setting the same text would move the cursor
                line.setText(text)
                line.setCursorPosition(0)  # the beginning of a long text is seen
        self._shown_page = spec.page
        self._showing = False

    def _make_fields(self) -> None:
        self.page = Segmented("Page")
        for value, label, help, icon_name in PAGE_CHOICES:
            self.page.add(value, label, help, icon_name)
        self.rows = NumberField(low=1, high=200)
        self.columns = NumberField(low=1, high=200)
        self.gap = NumberField(low=0, high=200, unit="px")
        self.border = NumberField(low=0, high=1000, step=4, unit="px")
        self.scale = NumberField(low=0, high=64, unit="×")
        self.seed = NumberField(low=0, high=2**53)
        self.temperature = NumberField(low=0, high=10, step=0.1, decimals=2)
        self.background = Segmented("Background")
        for value, label, help in BACKGROUND_CHOICES:
            self.background.add(value, label, help)
        self.title = QLineEdit()
        self.caption = QLineEdit()
        for line in (self.title, self.caption):
            line.setMaxLength(MAX_TEXT)
            line.setPlaceholderText("none")
        self.roll_button = _button("dices", "New seed", "Draw other samples: a seed from the dice.")
        self.facts_button = _button(
            "plus", "Insert a fact", "Put a fact of the run, such as its step, into the caption."
        )
        self._describe_fields()

    def _describe_fields(self) -> None:
        """Tooltips and names; labels come with ``_lay_out``."""
        texts: tuple[tuple[QWidget, str, str], ...] = (
            (self.rows, "Rows", "How many pictures stand below one another."),
            (self.columns, "Columns", "How many pictures stand side by side."),
            (self.gap, "Gap", "Background between the pictures, in pixels of the file."),
            (self.border, "Border", "Background around the grid, in pixels of the file."),
            (self.scale, "Scale", "Every picture pixel becomes this many pixels in both "
             "directions, always a whole number, so that pixels stay crisp. On a slide, "
             "'fits' is the largest that fits."),
            (self.seed, "Seed", "The same seed draws the same codes, in every run."),
            (self.temperature, "Temperature", "Multiplies the spread of the codes: below 1 "
             "safer and more alike, above 1 bolder and stranger. 1 is the model as trained."),
            (self.title, "Title", "Written above the grid. It may name facts, such as {dataset}."),
            (self.caption, "Caption", "Written under the title. {dataset}, {step} and other facts "
             "are filled in; a part between two '·' without its fact is left out."),
        )  # fmt: skip
        for widget, name, help in texts:
            describe(widget, name, help)

    def _lay_out(self) -> None:
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setVerticalSpacing(8)
        rows.setHorizontalSpacing(8)
        rows.addRow(self.page)
        for label, buddy, content in (
            ("&Rows", self.rows, _pair(self.rows, "&Columns", self.columns)),
            ("&Gap", self.gap, _pair(self.gap, "B&order", self.border)),
            ("Scal&e", self.scale, _beside(self.scale)),
            ("See&d", self.seed, _beside(self.seed, self.roll_button)),
            ("&Temperature", self.temperature, _beside(self.temperature)),
            ("&Background", self.background, _beside(self.background)),
        ):
            rows.addRow(_label(label, buddy), content)
        rows.addRow(_over("T&itle", self.title))
        rows.addRow(_over("Ca&ption", self.caption, self.facts_button))

    def _connect(self) -> None:
        for number in (
            self.rows, self.columns, self.gap, self.border, self.scale, self.seed, self.temperature
        ):  # fmt: skip
            number.valueChanged.connect(self._tell)
        for line in (self.title, self.caption):
            line.textChanged.connect(self._tell)
        self.background.chosen.connect(self._tell)
        self.page.chosen.connect(self._change_page)
        self.roll_button.clicked.connect(self._roll)
        menu = QMenu(self.facts_button)
        for fact, meaning in FACTS.items():
            menu.addAction(f"{{{fact}}}   {meaning}").setData(fact)
        menu.triggered.connect(self._insert_fact)
        self.facts_button.setMenu(menu)
        self.facts_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _allow_scales(self, page: str) -> None:
        """Only a page can decide the scale; a bare grid needs a number."""
        self.scale.setMinimum(1 if page == "grid" else 0)
        self.scale.setSpecialValueText("" if page == "grid" else "fits")

    @Slot(str)
    def _change_page(self, page: str) -> None:
        self._scales[self._shown_page] = int(self.scale.value())
        self._shown_page = page
        self._showing = True
        self._allow_scales(page)
        self.scale.setValue(self._scales.get(page, 0))
        self._showing = False
        self.changed.emit()

    @Slot()
    def _roll(self) -> None:
        self.seed.setValue(self._dice())

    @Slot(QAction)
    def _insert_fact(self, action: QAction) -> None:
        self.caption.insert(f"{{{action.data()}}}")
        self.caption.setFocus()

    @Slot()
    def _tell(self) -> None:
        if not self._showing:
            self.changed.emit()


def _button(icon_name: str, name: str, help: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(14, 14))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    describe(button, name, help)
    return button


def _label(text: str, buddy: QWidget, width_px: int = LABEL_WIDTH_PX) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setBuddy(buddy)
    label.setMinimumSize(width_px, ROW_HEIGHT_PX)
    return label


def _pair(left: QWidget, text: str, right: QWidget) -> QLayout:
    row = _beside(left)
    row.addSpacing(4)
    row.addWidget(_label(text, right, INNER_LABEL_WIDTH_PX))
    row.addWidget(right, 1)
    return row


def _beside(field: QWidget, *buttons: QToolButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(field, 1)
    for button in buttons:
        row.addWidget(button)
    return row


def _over(text: str, field: QLineEdit, *buttons: QToolButton) -> QLayout:
    """A field as wide as the form, under its label: texts are long."""
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addLayout(_beside(_label(text, field), *buttons))
    column.addWidget(field)
    return column
