"""Export a sample grid: the form on the left, what will be in the file on the right."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import GridExported, GridPreviewed, ModelChanged, RequestFailed
from vae_studio.ui.dialogs.export_asker import PreviewAsker
from vae_studio.ui.dialogs.export_bar import ExportBar
from vae_studio.ui.dialogs.export_clipboard import copy_png
from vae_studio.ui.dialogs.export_form import FIRST_SPEC, ExportForm
from vae_studio.ui.dialogs.export_history import SpecHistory
from vae_studio.ui.dialogs.export_preview import ExportPreview, PreviewLoader
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe

FORM_WIDTH_PX = 372
FIRST_SIZE = QSize(1144, 680)
NO_MODEL = "Train or open a run first: there is no model to draw samples from."
PATIENTS = (
    "This model learnt from patient data: its weights, and what it draws, are patient data too. "
    "Share them as you would share the pictures."
)
PREVIEW_WISH, EXPORT_WISH = "preview the grid", "export the grid"  # as failures name them
PURPOSE = "export"  # under which the folder last used is remembered
COPY_PATH = "copy:"  # how the link that copies a path begins
REDO_KEYS = [QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")]


class FolderMemory(Protocol):
    """Where the folder last used is kept; ``ui.settings.Settings`` is one."""

    def folder(self, purpose: str) -> str:
        """The folder last used for a purpose; empty when none was."""

    def set_folder(self, purpose: str, path: str) -> None:
        """Remember a folder for a purpose."""


class ExportDialog(QDialog):
    """Not modal: training, canvas and export go on together.

    Signals: ``preview_requested(SampleGridSpec)`` when the preview should be drawn anew; the next
    one waits for the answer. ``export_requested(SampleGridSpec, str path)`` after a file was
    chosen. ``copied()`` when the picture in the preview is on the clipboard.
    """

    preview_requested = Signal(object)
    export_requested = Signal(object, str)
    copied = Signal()

    def __init__(
        self,
        settings: FolderMemory,
        parent: QWidget | None = None,
        *,
        form: ExportForm | None = None,
        native_file_dialog: bool = True,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._native = native_file_dialog
        self._has_model = True  # until told otherwise; the worker answers in any case
        self._shown: GridPreviewed | None = None
        self._saving = ""
        self._undrawable = ""  # why there is no picture of what the form says
        self._copies_next = False
        self.form = form or ExportForm()
        self.preview = ExportPreview()
        self.bar = ExportBar()
        self.verdict = self.bar.verdict
        self._history = SpecHistory(self.form.spec())
        self._asker = PreviewAsker(self.form.spec, self)
        self._loader = PreviewLoader(self)
        self.setWindowTitle("Export grid")
        self._make_actions()
        self._lay_out()
        self._connect()
        self._show_state()

    # answers of the worker
    @Slot(object)
    def show_preview(self, report: GridPreviewed) -> None:
        """The bytes that a file would hold, if they are for a wish of this dialog."""
        if not self._has_model or not self._asker.accept(report.spec):
            return
        self._shown, self._undrawable = report, ""
        self._loader.load(report.png)
        self._say_size(report)
        if self.verdict.is_bad:
            self.verdict.clear()
        if self._copies_next:
            self.copy()
        self._show_state()

    @Slot(object)
    def show_exported(self, report: GridExported) -> None:
        """The file is written."""
        if report.path != self._saving:
            return
        self._saving = ""
        path = Path(report.path)
        folder = QUrl.fromLocalFile(str(path.parent)).toString()
        self.verdict.show_good(
            f"Saved {path.name} in {report.milliseconds:,.0f} ms",
            (("Show in folder", folder), ("Copy path", f"{COPY_PATH}{path}")),
        )
        self._show_state()

    @Slot(object)
    def show_failure(self, report: RequestFailed) -> None:
        """A wish of this dialog could not be granted; what was there stays."""
        if report.wish == EXPORT_WISH and self._saving:
            self._saving = ""
            self.verdict.show_bad(report.sentence)
        elif report.wish == PREVIEW_WISH and self._asker.fail() and not self._asker.is_waiting:
            self._undrawable, self._copies_next = report.sentence, False
            self.verdict.show_bad(report.sentence)
            self.preview.fade()
            self._facts.set_full_text("")
        self._show_state()

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """Another model answers from now on, or none (``units`` 0)."""
        self._has_model = model.units > 0
        self._patients.setVisible(model.patient_data)
        if not self._has_model:
            self._shown, self._undrawable = None, ""
            self._facts.set_full_text("")
            self.preview.show_sentence(NO_MODEL)
        self._asker.set_awake(self._has_model and self.isVisible())
        self._asker.wish()
        self._show_state()

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """While training, the preview follows the model every other second."""
        self._asker.set_following(phase is Phase.RUNNING)

    # wishes of the person
    @Slot()
    def save(self) -> None:
        """Ask where to save; the file is written after the answer."""
        dialog = QFileDialog(self, "Save grid", self._folder(), "PNG picture (*.png)")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self._native)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(file_name(self.form.spec()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    @Slot(str)
    def save_to(self, path: str) -> None:
        """Wish for the file and remember its folder."""
        self._settings.set_folder(PURPOSE, str(Path(path).parent))
        self._saving = path
        self.verdict.show_busy(f"Saving {Path(path).name}…")
        self._show_state()
        self.export_requested.emit(self.form.spec(), path)

    @Slot()
    def copy(self) -> None:
        """Copy the picture in the preview, or the one that is about to replace it."""
        shown = self._shown
        self._copies_next = shown is None or shown.spec != self.form.spec()
        if shown is not None and not self._copies_next:
            copy_png(shown.png)
            width, height = shown.size_px
            self.verdict.show_good(f"Copied {width:,} × {height:,} pixels, ready to paste")
            self.copied.emit()

    @Slot()
    def undo(self) -> None:
        """Take back the last change of the form."""
        self._go_to(self._history.undo())

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back."""
        self._go_to(self._history.redo())

    @Slot()
    def reset(self) -> None:
        """Back to a slide with a caption; can be undone."""
        self._history.record(FIRST_SPEC, time.monotonic(), alone=True)
        self._go_to(FIRST_SPEC)

    def _go_to(self, spec: SampleGridSpec) -> None:
        self.form.show_spec(spec)
        self._undrawable = ""
        self._asker.wish()
        self._show_state()

    @Slot()
    def _take_change(self) -> None:
        self._history.record(self.form.spec(), time.monotonic())
        self._undrawable = ""
        self._asker.wish()
        self._show_state()

    @Slot(str)
    def _follow_link(self, target: str) -> None:
        if target.startswith(COPY_PATH):
            QGuiApplication.clipboard().setText(target.removeprefix(COPY_PATH))
        else:
            QDesktopServices.openUrl(QUrl(target))

    def _folder(self) -> str:
        folder = self._settings.folder(PURPOSE)
        return folder if folder and Path(folder).is_dir() else str(Path.home())

    # what is seen
    def _say_size(self, report: GridPreviewed) -> None:
        width, height = report.size_px
        text = f"{width:,} × {height:,} px · {file_size(len(report.png))} · step {report.step:,}"
        self._facts.set_full_text(text)
        self.preview.setAccessibleDescription(text)

    def _show_state(self) -> None:
        """Grey what cannot be done now, and say why."""
        why_not = self._undrawable if self._has_model else NO_MODEL
        self.bar.allow(why_not, saving=bool(self._saving))
        self.undo_action.setEnabled(self._history.can_undo)
        self.redo_action.setEnabled(self._history.can_redo)

    def _make_actions(self) -> None:
        self.undo_action = self._action("Undo", "undo-2", "Take back the last change (Ctrl+Z).")
        self.undo_action.setShortcut(QKeySequence.StandardKey.Undo)
        self.redo_action = self._action("Redo", "redo-2", "Do it again (Ctrl+Shift+Z).")
        self.redo_action.setShortcuts(REDO_KEYS)
        self.reset_action = self._action(
            "Start over", "rotate-ccw", "Back to a slide with a caption; can be undone."
        )
        self._facts = ElidedLabel(muted=True)

    def _action(self, name: str, icon_name: str, help: str) -> QAction:
        action = QAction(icon(icon_name), name, self)
        action.setToolTip(help)
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        form_card, preview_card = _card(), _card()
        form_card.setFixedWidth(FORM_WIDTH_PX)
        left = _column(form_card)
        left.addWidget(self.form)
        left.addStretch(1)
        left.addLayout(self._history_row())
        right = _column(preview_card)
        right.addWidget(self.preview, 1)
        right.addWidget(self._facts)
        self._patients = QLabel(PATIENTS)
        self._patients.setWordWrap(True)
        self._patients.setProperty("tone", "warn")
        self._patients.hide()
        right.addWidget(self._patients)
        cards = QHBoxLayout()
        cards.setSpacing(8)
        cards.addWidget(form_card)
        cards.addWidget(preview_card, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(8, 8, 8, 8)
        page.setSpacing(8)
        page.addLayout(cards, 1)
        page.addWidget(self.bar)
        self.bar.save_button.setDefault(True)  # a dialog knows only buttons that are inside it
        self.resize(FIRST_SIZE)

    def _history_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for action in (self.undo_action, self.redo_action, self.reset_action):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(14, 14))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setProperty("flat", True)
            describe(button, action.text(), action.toolTip())
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self.form.changed.connect(self._take_change)
        self._asker.requested.connect(self.preview_requested)
        self._loader.loaded.connect(self.preview.show_image)
        self.verdict.link_chosen.connect(self._follow_link)
        self.bar.save_button.clicked.connect(self.save)
        self.bar.copy_button.clicked.connect(self.copy)
        self.bar.close_button.clicked.connect(self.reject)
        self.undo_action.triggered.connect(self.undo)
        self.redo_action.triggered.connect(self.redo)
        self.reset_action.triggered.connect(self.reset)
        for line in self.form.findChildren(QLineEdit):
            line.installEventFilter(self)

    # Qt
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # the form has one history; a text field's own would undo in another order
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            typed = QKeySequence(event.keyCombination())
            if typed in [*self.undo_action.shortcuts(), *self.redo_action.shortcuts()]:
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._asker.set_awake(self._has_model)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asker.set_awake(False)


def file_name(spec: SampleGridSpec) -> str:
    """A name to start from: what is in the picture, no date and nothing of the person's."""
    return f"samples-{spec.rows}x{spec.columns}-seed-{spec.seed}.png"


def file_size(count: int) -> str:
    """Bytes as people read them: "840 bytes", "36 kB", "4.2 MB"."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _card() -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    return card


def _column(card: QFrame) -> QVBoxLayout:
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 12, 12, 12)
    column.setSpacing(8)
    return column
