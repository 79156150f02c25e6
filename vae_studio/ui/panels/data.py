"""Which pictures, how many, and how the network sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.data.places import FILE_SUFFIXES
from vae_studio.data.set_options import base_of
from vae_studio.domain.config import RunConfig, knob_at
from vae_studio.domain.phase import Phase
from vae_studio.domain.preflight import Preflight
from vae_studio.domain.reports import DataLoaded, RequestFailed
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.check_view import CheckView
from vae_studio.ui.widgets.drop_target import DropTarget
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe, wrapped
from vae_studio.ui.widgets.knob_form import LOCKED, Catalogs, KnobForm
from vae_studio.ui.widgets.picture_view import PictureView
from vae_studio.ui.widgets.set_options_form import SetOptionsForm
from vae_studio.ui.widgets.steady_inputs import ChoiceField

PICTURES, COLUMNS = 32, 16
USUAL_SHAPE = (28, 28)
FEWEST = 6  # larger pictures are fewer, or they would push everything else out of the dock
DATASET = "data.dataset"
DEEP = ("16 bit", "32 bit", "floating point", "DICOM")  # kinds of files that a window is for
LOADING = "load the pictures"  # the worker's name for the only wish whose failure concerns us


class Entry(Protocol):
    """What the panel needs to know of a data set; the data catalog's entries fit."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def downloadable(self) -> bool: ...


class DataPanel(QWidget):
    """Signals: ``data_chosen(str dataset, str data_dir)`` (a catalog name or the path of a folder
    of pictures or of a file; the second says where a known set lies, or is empty);
    ``download_requested(str dataset)`` a set that is not on this computer was chosen: tell the
    person what a download would be; ``folder_requested`` and ``file_requested`` when the person
    wants to look for a folder or file (the panel asks, then tells ``data_chosen``);
    ``patient_data_turned(str dataset, bool)`` the person says what the pictures are;
    ``knob_changed(str path, object value)``; ``status_changed(str)``. ``check`` has its own."""

    title = "Data"
    icon = "database"
    data_chosen = Signal(str, str)
    download_requested = Signal(str)
    folder_requested = Signal()
    file_requested = Signal()
    patient_data_turned = Signal(str, bool)
    knob_changed = Signal(str, object)
    status_changed = Signal(str)

    def __init__(
        self,
        entries: Sequence[Entry],
        is_present: Callable[[str], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._entries = {entry.name: entry for entry in entries}
        self._is_present = is_present
        self._phase = Phase.IDLE
        self._loaded: DataLoaded | None = None
        self.status = ""
        self._build()
        self.drops = DropTarget(self, self.can_choose)
        self.drops.dropped.connect(self.choose_folder)
        self.folder_requested.connect(self.ask_for_folder)
        self.file_requested.connect(self.ask_for_file)

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self.form.show_config(config)
        self._show_set(config.data.dataset)

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """A set is in memory."""
        if self._loaded is not None and not _same(self._loaded, data):
            self.check.forget()
        self._loaded = data
        self._mark_present(data.dataset)
        self._show_set(data.dataset, data.title)
        height, width = data.shape[1:]
        count = min(PICTURES, max(FEWEST, PICTURES * USUAL_SHAPE[0] ** 2 // (height * width)))
        self.pictures.reserve(count, (height, width), COLUMNS)
        self.pictures.set_pictures(data.pictures[:count], COLUMNS)
        self._facts.set_full_text(facts(data))
        self._facts.set_hint(counts(data))
        self._range.setText("{:.3g} … {:.3g}".format(*data.value_range))
        self._range.show()
        self._caveat.setText(data.caveat)
        self._caveat.setVisible(bool(data.caveat))
        self._patients.setChecked(data.patient_data)
        self._patients.setVisible(data.dataset.startswith("folder:"))
        self._show_notes(data.notes)
        self._say(total(data))

    @Slot(object)
    def show_check(self, found: Preflight) -> None:
        """The look at all pictures is complete: what of deep ones is shown can be chosen now."""
        self.check.show_check(found)
        self.options.show_window(is_deep(found))

    @Slot()
    def show_loaded(self) -> None:
        """The person thought better of another set: the one in memory is named again."""
        if self._loaded is not None:
            self._show_set(self._loaded.dataset, self._loaded.title)
            self._say(total(self._loaded))

    @Slot(object)
    def show_failure(self, failed: RequestFailed) -> None:
        """The set could not be loaded; what was in memory stays. Other failures pass by."""
        if failed.wish != LOADING:
            return
        self.show_loaded()
        self._show_notes((failed.sentence,))
        self._say("not loaded")

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """The pictures are decided when a run starts."""
        self._phase = phase
        self.form.apply_phase(phase)
        for control in (self._sets, self._folder, self._file, self._patients):
            control.setEnabled(not phase.busy)
        self.options.lock(LOCKED if phase.busy else "")
        self._describe_set()

    def can_choose(self) -> bool:
        """Whether other pictures may be chosen now."""
        return not self._phase.busy

    @Slot()
    def ask_for_folder(self) -> None:
        """Let the person look for a folder of pictures."""
        dialog = self._open_dialog("Choose a folder of pictures")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    @Slot()
    def ask_for_file(self) -> None:
        """Let the person look for a file of arrays, or a table of labels beside its pictures."""
        dialog = self._open_dialog("Choose a file of arrays or a table of labels")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        kinds = " ".join(f"*{suffix}" for suffix in sorted(FILE_SUFFIXES))
        dialog.setNameFilter(f"Arrays and tables ({kinds})")
        dialog.open()

    @Slot(str)
    def choose_folder(self, path: str) -> None:
        """Take the pictures of this folder or file."""
        self._say("loading…")
        self.data_chosen.emit(path, "")

    def _build(self) -> None:
        self.check = CheckView()
        self.form = KnobForm(["data"], Catalogs(), without=(DATASET,))
        self.form.knob_changed.connect(self.knob_changed)
        self.pictures = PictureView(name="Pictures as the network sees them")
        self.pictures.setToolTip("The first pictures of a batch, as the network sees them.")
        self.pictures.reserve(PICTURES, USUAL_SHAPE, COLUMNS)
        self.pictures.set_empty_text("Choose a set, or drop a folder of pictures here.")
        self._notes = QLabel()
        self._notes.setWordWrap(True)
        self._notes.setProperty("tone", "warn")
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self._notes.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.options = SetOptionsForm()
        self.options.name_chosen.connect(self._take_name)
        layout.addLayout(self._set_row())
        layout.addWidget(self.options)
        layout.addWidget(self.pictures)
        layout.addLayout(self._facts_row())
        layout.addWidget(self.check)
        layout.addWidget(self._patient_switch())
        layout.addWidget(self._notes)
        layout.addWidget(self.form)
        layout.addStretch()

    def _set_row(self) -> QHBoxLayout:
        self._sets = ChoiceField()
        for entry in self._entries.values():
            present = self._is_present(entry.name)
            self._sets.addItem(entry.title if present else f"{entry.title} (not here)", entry.name)
            last = self._sets.count() - 1
            self._sets.setItemData(last, wrapped(entry.help), Qt.ItemDataRole.ToolTipRole)
        self._sets.activated.connect(self._take)
        self._folder = _button(
            "folder-open", "Choose a folder…", "Train on your own pictures: a folder, in which "
            "sub-folders are classes. They stay on this computer.",
        )  # fmt: skip
        self._folder.clicked.connect(self.folder_requested)
        self._file = _button(
            "layers", "Choose a file…", "Train on your own pictures in one file: arrays (.npz, "
            ".npy), or a table of labels (.csv) beside its pictures.",
        )  # fmt: skip
        self._file.clicked.connect(self.file_requested)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._sets, 1)
        row.addWidget(self._folder)
        row.addWidget(self._file)
        self._describe_set()
        return row

    def _facts_row(self) -> QHBoxLayout:
        self._facts = ElidedLabel(muted=True)
        self._facts.setAccessibleName("About the pictures")
        self._range = QLabel()
        self._range.setObjectName("badge")
        describe(self._range, "Value range", "Smallest and largest pixel as the network sees them.")
        self._range.hide()
        self._caveat = QLabel()
        self._caveat.setObjectName("badge")
        self._caveat.setProperty("tone", "warn")
        describe(self._caveat, "Caveat", "This stands on every number from these pictures: it "
                 "cannot be compared with published ones.")  # fmt: skip
        self._caveat.hide()
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._facts, 1)
        row.addWidget(self._caveat)
        row.addWidget(self._range)
        row.addWidget(self.form.more.button)
        return row

    def _patient_switch(self) -> QCheckBox:
        self._patients = QCheckBox("Contains patient data")
        describe(
            self._patients,
            "Contains patient data",
            "A run on these pictures says that its "
            "weights are patient data, too, and is not kept among the recent runs.",
        )
        self._patients.clicked.connect(self._turn_patient_data)
        self._patients.hide()
        return self._patients

    @Slot(bool)
    def _turn_patient_data(self, contains: bool) -> None:
        if self._loaded is not None:
            self.patient_data_turned.emit(self._loaded.dataset, contains)

    def _show_set(self, name: str, title: str = "") -> None:
        base = base_of(name)
        row = self._sets.findData(base)
        if row < 0:  # a folder of one's own
            self._sets.addItem(title or base.removeprefix("folder:"), base)
            row = self._sets.count() - 1
        self._sets.setCurrentIndex(row)
        self.options.show_name(name)
        self.options.lock(LOCKED if self._phase.busy else "")
        self._describe_set()

    def _describe_set(self) -> None:
        entry = self._entries.get(str(self._sets.currentData()))
        locked = LOCKED if self._phase.busy else ""
        own = (entry.help, f"Licence: {entry.licence}.") if entry else ()
        describe(self._sets, "Set", locked, knob_at(DATASET).help, *own)

    @Slot()
    def _take(self) -> None:
        self._describe_set()
        self.options.show_name(str(self._sets.currentData()))
        self._take_name(str(self._sets.currentData()))

    @Slot(str)
    def _take_name(self, name: str) -> None:
        entry = self._entries.get(base_of(name))
        here = entry is None or self._is_present(name) or self._is_loaded(name)
        if entry is not None and entry.downloadable and not here:
            self._say("not here yet")
            self.download_requested.emit(name)
        else:  # a set that is neither here nor to be had fails with the way to get it
            self._say("loading…")
            self.data_chosen.emit(name, "")

    def _is_loaded(self, name: str) -> bool:
        return self._loaded is not None and self._loaded.dataset == name

    def _mark_present(self, name: str) -> None:
        row = self._sets.findData(name)
        if row >= 0 and name in self._entries:
            self._sets.setItemText(row, self._entries[name].title)

    def _open_dialog(self, text: str) -> QFileDialog:
        dialog = QFileDialog(self, text)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose_folder)
        return dialog

    def _show_notes(self, notes: Sequence[str]) -> None:
        self._notes.setText("\n".join(notes))
        self._notes.setVisible(bool(notes))

    def _say(self, sentence: str) -> None:
        self.status = sentence
        self.status_changed.emit(sentence)


def facts(data: DataLoaded) -> str:
    """ "28 × 28 · 10 classes", "64 × 64 RGB"."""
    channels, height, width = data.shape
    parts = [f"{width} × {height}{'' if channels == 1 else ' RGB'}"]
    parts += [f"{len(data.class_names)} classes"] if data.class_names else []
    return " · ".join(parts)


def total(data: DataLoaded) -> str:
    """ "12,000 + 2,000": pictures to learn from, and to test."""
    return f"{data.train + data.validation:,} + {data.test:,}"


def counts(data: DataLoaded) -> str:
    """ "10,800 to train on · 1,200 held out · 2,000 to test"."""
    return f"{data.train:,} to train on · {data.validation:,} held out · {data.test:,} to test"


def is_deep(found: Preflight) -> bool:
    """Whether any of the files has more than 8 bits a value."""
    return any(mark in kind for kind, _ in found.files.kinds for mark in DEEP)


def _button(icon_name: str, name: str, help: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(14, 14))
    describe(button, name, name, help)
    return button


def _same(one: DataLoaded, other: DataLoaded) -> bool:
    """Whether two reports are about the same pictures."""
    return (one.dataset, one.shape, one.train) == (other.dataset, other.shape, other.train)
