"""What the look at all pictures found: one line, and everything behind "Check"."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.palette import class_colour
from vae_studio.domain.preflight import Preflight
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.count_bars import CountBars
from vae_studio.ui.widgets.disclosure import Disclosure
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe, wrapped
from vae_studio.ui.widgets.picture_view import PictureView

CHART_PX, MEAN_PX = 44, 56
SIGNS = {"warning": "⚠", "info": "·"}
TONES = {"warning": "warn", "info": ""}
PART_NAMES = {"train": "to train on", "validation": "held out", "test": "to test"}


class CheckView(QWidget):
    """Signals: ``check_requested`` and ``cancel_requested`` of the look, ``browse_requested`` the
    person wants to see single pictures. ``disclosure.button`` may be moved to another line."""

    check_requested = Signal()
    cancel_requested = Signal()
    browse_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looking = False
        self._line = ElidedLabel(muted=True)
        self._line.setAccessibleName("Check of the pictures")
        self._stop = QToolButton()
        self._stop.setProperty("flat", True)
        self._stop.setIcon(icon("x", "muted"))
        self._stop.setIconSize(QSize(12, 12))
        describe(self._stop, "Stop checking", "Stop looking at the pictures; training needs no "
                 "check.")  # fmt: skip
        self._stop.clicked.connect(self._cancel)
        self._stop.hide()
        self.disclosure = Disclosure(
            "Check", self._details(), tooltip="What a look at every picture found."
        )
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._line, 1)
        row.addWidget(self._stop)
        row.addWidget(self.disclosure.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.disclosure)
        self.forget()

    @property
    def summary(self) -> str:
        """The one line."""
        return self._line.full_text

    @Slot()
    def forget(self) -> None:
        """Other pictures: nothing is known of them."""
        self._set_looking(False)
        self._say("not checked", "")
        self._facts.hide()

    @Slot(str, float)
    def show_progress(self, dataset: str, share: float) -> None:
        """How far the look is."""
        self._set_looking(True)
        self._say(f"checking… {share:.0%}".replace("%", " %"), "")

    @Slot(object)
    def show_check(self, found: Preflight) -> None:
        """The look is complete."""
        self._set_looking(False)
        warnings = sum(advice.level == "warning" for advice in found.advice)
        hints = len(found.advice) - warnings
        if warnings:
            self._say(f"⚠ {warnings} thing{'s' if warnings > 1 else ''} to mend", "warn")
        elif hints:
            self._say(f"checked · {hints} hint{'s' if hints > 1 else ''}", "")
        else:
            self._say("✓ checked, nothing is wrong", "ok")
        self._fill(found)
        self._facts.show()

    def _details(self) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(6)
        layout.addWidget(self._make_facts())
        again = QPushButton("Check again")
        describe(again, "Check again", "Look at every picture once more.")
        again.setAutoDefault(False)
        again.clicked.connect(self.check_requested)
        browse = QPushButton(icon("images"), "Browse…")
        describe(browse, "Browse the pictures", "See every picture, by class and by part.")
        browse.clicked.connect(self.browse_requested)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(browse)
        row.addWidget(again)
        row.addStretch()
        layout.addLayout(row)
        return inside

    def _make_facts(self) -> QWidget:
        self._facts = QWidget()
        self._advice = QVBoxLayout()
        self._advice.setSpacing(3)
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(10)
        self._table.setVerticalSpacing(2)
        self._table.setColumnStretch(1, 1)
        self._mean = PictureView(name="Mean of the training pictures")
        self._mean.setToolTip("The mean of the training pictures.")
        self._mean.setFixedSize(MEAN_PX, MEAN_PX)
        self._values = CountBars("Values of the training pictures", height_px=CHART_PX, roots=True)
        self._classes = CountBars("Training pictures of each class", height_px=CHART_PX // 2)
        charts = QVBoxLayout()
        charts.setSpacing(2)
        charts.addWidget(self._values)
        self._axis = ElidedLabel("black … white", muted=True)
        self._axis.set_hint("How often each value occurs; heights are square roots of the counts.")
        charts.addWidget(self._axis)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self._mean, 0, Qt.AlignmentFlag.AlignTop)
        beside.addLayout(charts, 1)
        layout = QVBoxLayout(self._facts)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._advice)
        layout.addLayout(beside)
        layout.addWidget(self._classes)
        layout.addLayout(self._table)
        return self._facts

    def _fill(self, found: Preflight) -> None:
        _clear(self._advice)
        for advice in found.advice:
            label = _words(f"{SIGNS[advice.level]} {advice.sentence}", TONES[advice.level])
            self._advice.addWidget(label)
        self._mean.set_pictures(found.mean[None], 1)
        total = max(1, int(found.histogram.sum()))
        self._values.set_counts(
            found.histogram.tolist(),
            [f"value {v} of 255: {n / total:.2%} of the pixels" for v, n in
             enumerate(found.histogram.tolist())],
        )  # fmt: skip
        counts = found.parts[0].classes_K
        named = list(zip(found.class_names, counts, strict=False))
        self._classes.set_counts(
            counts, [f"{name}: {count:,} training pictures" for name, count in named],
            [class_colour(k) for k in range(len(counts))],
        )  # fmt: skip
        self._classes.setVisible(bool(counts))
        _clear(self._table)
        for row, (name, value, hint) in enumerate(_rows(found)):
            label, words = _words(name), ElidedLabel(value)
            label.setProperty("muted", True)
            words.set_hint(wrapped(hint))
            self._table.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._table.addWidget(words, row, 1)

    @Slot()
    def _cancel(self) -> None:
        self.cancel_requested.emit()
        self.forget()

    def _set_looking(self, looking: bool) -> None:
        if looking != self._looking:
            self._looking = looking
            self._stop.setVisible(looking)

    def _say(self, sentence: str, tone: str) -> None:
        self._line.set_full_text(sentence)
        if self._line.property("tone") != tone:
            self._line.setProperty("tone", tone)
            self._line.setProperty("muted", not tone)
            self._line.style().unpolish(self._line)
            self._line.style().polish(self._line)


def _rows(found: Preflight) -> Iterator[tuple[str, str, str]]:
    """Name, value and tooltip of every line of the table."""
    for part in found.parts:
        yield (PART_NAMES[part.name], f"{part.pictures:,} · sha256 {part.sha256[:8]}",
               f"SHA-256 of its pictures and labels: {part.sha256}")  # fmt: skip
    files = found.files
    of = f" (of {files.looked_at:,} looked at)" if files.looked_at < files.of else ""
    for name, counts in (("before", files.sizes), ("kind", files.kinds)):
        told = ", ".join(f"{word} ({count:,})" for word, count in counts)
        alone = counts[0][0] if len(counts) == 1 else told
        yield name, alone + of, f"As the files have them, before resizing: {told}."
    copies = found.copies
    twins = "; ".join(f"{test} = {train}" for test, train in copies.examples)
    yield ("copies", f"{copies.total:,} within parts · {copies.test_in_train:,} test in train",
           twins or "Pictures that are there more than once, to the byte.")  # fmt: skip
    if found.notes:
        lines = len(found.notes)
        yield (
            "notes",
            found.notes[0] + (f" (+{lines - 1})" if lines > 1 else ""),
            "\n".join(found.notes[:12]),
        )


def _words(text: str, tone: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(" " in text.strip())
    label.setProperty("tone", tone)
    return label


def _clear(layout: QVBoxLayout | QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.deleteLater()
