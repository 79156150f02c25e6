"""A set that is not on this computer: what a download would bring, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.reports import DataLoaded, RequestFailed
from vae_studio.ui import fonts
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

WIDTH_PX = 460
GAUGE_STEPS = 1_000
LOADING, DOWNLOADING = "load the pictures", "download the pictures"  # the worker's names


@dataclass(frozen=True)
class DownloadFacts:
    """What the person is told before anything is fetched. ``bytes`` is what travels, about;
    ``refusal`` says why nothing may be fetched now, or is empty."""

    name: str
    title: str
    host: str
    bytes: int
    licence: str
    refusal: str = ""


class DownloadDialog(QDialog):
    """Shown with ``show()``; the window stays usable. Signals: ``download_requested(str name)``;
    ``place_chosen(str name, str folder)`` the person has the set already;
    ``cancel_requested`` while a download is under way; ``rejected`` (Qt's) nothing was loaded."""

    download_requested = Signal(str)
    place_chosen = Signal(str, str)
    cancel_requested = Signal()

    def __init__(self, facts: DownloadFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._downloading = False
        self._waiting = False  # for pictures that are being read
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Get {facts.title}")
        self.setFixedWidth(WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        layout.addLayout(self._head())
        layout.addLayout(self._progress())
        layout.addLayout(self._buttons())
        if facts.refusal:
            self._say(facts.refusal, "warn")

    @property
    def downloading(self) -> bool:
        """Whether a download is under way."""
        return self._downloading

    @Slot(float, str)
    def show_progress(self, share: float, sentence: str) -> None:
        """How far the download is."""
        if self._downloading:
            self._gauge.setValue(round(share * GAUGE_STEPS))
            self._say(sentence)

    @Slot(object)
    def show_failure(self, failed: RequestFailed) -> None:
        """Nothing came, or what came cannot be used: why, and another try."""
        if failed.wish != DOWNLOADING and not (failed.wish == LOADING and self._waiting):
            return  # it is about something else
        self._set_downloading(False)
        self._waiting = False
        self._say(failed.sentence, "bad")

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """The set is there, or another one was chosen meanwhile: nothing is left to ask."""
        if data.dataset == self._facts.name or not (self._downloading or self._waiting):
            self.accept()

    @Slot(str)
    def show_fetched(self, name: str) -> None:
        """Every file is in place and is being read."""
        if name == self._facts.name and self._downloading:
            self._waiting = True
            self._gauge.setValue(GAUGE_STEPS)
            self._say("Opening the pictures…")

    def _head(self) -> QHBoxLayout:
        title = QLabel(f"{self._facts.title} is not on this computer")
        title.setFont(fonts.text(14, bold=True))
        title.setWordWrap(True)
        text = QLabel("Nothing is fetched unless you ask for it. A set is fetched once, checked, "
                      "and stays on this computer.")  # fmt: skip
        text.setWordWrap(True)
        text.setProperty("muted", True)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(title)
        words.addWidget(text)
        words.addSpacing(4)
        words.addLayout(self._table())
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("download", "accent", side_px=24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _table(self) -> QGridLayout:
        facts = self._facts
        table = QGridLayout()
        table.setContentsMargins(0, 0, 0, 0)
        table.setHorizontalSpacing(12)
        table.setVerticalSpacing(4)
        table.setColumnStretch(1, 1)
        size = f"about {facts.bytes / 1e6:.1f} MB"
        for row, (name, value) in enumerate(
            (("From", facts.host), ("Size", size), ("Licence", facts.licence))
        ):
            label, words = QLabel(name), QLabel(value)
            label.setProperty("muted", True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setAccessibleName(f"{name}: {value}")
            table.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            table.addWidget(words, row, 1)
        return table

    def _progress(self) -> QVBoxLayout:
        self._gauge = QProgressBar()
        self._gauge.setRange(0, GAUGE_STEPS)
        self._gauge.setTextVisible(False)
        describe(self._gauge, "Progress of the download", "How much of the set has come.")
        self._gauge.hide()
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setMinimumWidth(WIDTH_PX - 40)
        self._sentence.hide()
        rows = QVBoxLayout()
        rows.setSpacing(6)
        rows.addWidget(self._gauge)
        rows.addWidget(self._sentence)
        return rows

    def _buttons(self) -> QHBoxLayout:
        self._have = QPushButton(icon("folder-open"), "Choose its folder…")
        describe(self._have, "Choose its folder…",
                 "I already have it: show the folder that holds its files.")  # fmt: skip
        self._have.clicked.connect(self._ask_where)
        self._cancel = QPushButton("Cancel")
        describe(self._cancel, "Cancel", "Go on with the set that is loaded.")
        self._cancel.clicked.connect(self.reject)
        self._download = QPushButton(icon("download", "on_accent"), "Download")
        refusal = self._facts.refusal
        describe(self._download, "Download", refusal or f"Fetch the set from {self._facts.host}.")
        self._download.setEnabled(not refusal)
        self._download.clicked.connect(self._start)
        self._have.setAutoDefault(False)
        self._cancel.setAutoDefault(bool(refusal))
        self._download.setDefault(not refusal)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._have)
        row.addStretch()
        row.addWidget(self._cancel)
        row.addWidget(self._download)
        return row

    @Slot()
    def _start(self) -> None:
        self._set_downloading(True)
        self._gauge.setValue(0)
        self._say(f"Asking {self._facts.host}…")
        self.download_requested.emit(self._facts.name)

    @Slot()
    def _ask_where(self) -> None:
        dialog = QFileDialog(self, f"Show the folder that holds {self._facts.title}")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_place)
        dialog.open()

    @Slot(str)
    def _take_place(self, folder: str) -> None:
        self._waiting = True
        self._say("Opening the pictures…")
        self.place_chosen.emit(self._facts.name, folder)

    def _set_downloading(self, downloading: bool) -> None:
        self._downloading = downloading
        self._gauge.setVisible(downloading)
        self._have.setEnabled(not downloading)
        self._download.setEnabled(not downloading and not self._facts.refusal)

    def _say(self, sentence: str, tone: str = "") -> None:
        self._sentence.setText(sentence)
        self._sentence.setProperty("tone", tone)
        self._sentence.setProperty("muted", not tone)
        self._sentence.style().unpolish(self._sentence)
        self._sentence.style().polish(self._sentence)
        self._sentence.show()

    # Qt
    def reject(self) -> None:
        if self._downloading:
            self._downloading = False
            self.cancel_requested.emit()
        super().reject()
