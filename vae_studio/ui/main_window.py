"""The window: docks around the latent canvas, a toolbar, menus, messages. It knows no panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QShowEvent, QUndoStack
from PySide6.QtWidgets import QFileDialog, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import DiskRefused, RunFailed
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import DataLoaded, EngineReady, GridExported, ModelChanged
from vae_studio.domain.reports import RequestFailed as RequestFailedReport
from vae_studio.ui import workspaces
from vae_studio.ui.actions import Actions
from vae_studio.ui.layout_store import LayoutStore
from vae_studio.ui.menus import Menus
from vae_studio.ui.messages import Messages
from vae_studio.ui.run_bar import RunBar
from vae_studio.ui.settings import Settings
from vae_studio.ui.theme import Theme
from vae_studio.ui.widgets.dock import Card, Dock
from vae_studio.ui.widgets.drop_target import DropTarget
from vae_studio.ui.window_place import WindowPlace

NAME = "VAE Studio"
SMALLEST_SIZE_PX = (800, 560)
GAP_PX = 8
CONTINUE = "resume"  # not a path: the action that a message offers
CENTRE = "canvas"
#: These are forms and lists that may be longer than their dock; the others fit any size.
SCROLLING = frozenset({"data", "model", "objective", "train"})


class MainWindow(QMainWindow):
    """Signals, each a wish: ``run_requested``, ``pause_requested``, ``resume_requested``,
    ``stop_requested``, ``one_batch_requested``, ``open_run_requested(str path)``,
    ``resume_run_requested(str path, float learning_rate)`` (0: as it was),
    ``export_requested``, ``copy_grid_requested``, ``paste_settings_requested``,
    ``pictures_dropped(str path)`` a folder or file was dropped anywhere on the window,
    ``close_requested`` (a run is under way; answer with ``confirm_close``), ``closing`` (the window
    goes now)."""

    run_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    one_batch_requested = Signal()
    open_run_requested = Signal(str)
    resume_run_requested = Signal(str, float)
    export_requested = Signal()
    copy_grid_requested = Signal()
    paste_settings_requested = Signal()
    pictures_dropped = Signal(str)
    close_requested = Signal()
    closing = Signal()

    def __init__(
        self,
        panels: Mapping[str, QWidget],
        *,
        theme: Theme,
        settings: Settings | None = None,
        layouts: LayoutStore | None = None,
        undo_stack: QUndoStack | None = None,
    ) -> None:
        """``panels`` by dock name; the one called "canvas" stands in the middle."""
        super().__init__()
        self._theme = theme
        self._settings = settings or Settings()
        self._undo_stack = undo_stack or QUndoStack(self)
        self._may_close = False
        self._waiting = False  # for the disk
        self._opened = ""  # the run asked for last
        self._changed: Dock | None = None
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit_column)
        self.actions_by_name = Actions(self)
        self.setWindowTitle(NAME)
        self.setMinimumSize(*SMALLEST_SIZE_PX)
        self._build_docks(panels)
        self.run_bar = RunBar(self.actions_by_name, self)
        self.addToolBar(self.run_bar)
        self.messages = Messages(self)
        self.messages.link_chosen.connect(self._open_link)
        toggles = [dock.toggleViewAction() for dock in self._docks.values()]
        self._menus = Menus(self.menuBar(), self.actions_by_name, toggles, self._settings)
        self._menus.recent_chosen.connect(self.open_run)
        self._connect_actions()
        self._drops = DropTarget(self, self._may_take)
        self._drops.dropped.connect(self._take_dropped)
        theme.dress()  # before sizes are asked for, after everything has its parent
        self._window_place = WindowPlace(self, layouts or LayoutStore(), self._arrange_first)
        self._window_place.restore()

    @property
    def docks(self) -> Mapping[str, Dock]:
        """Every dock by name."""
        return self._docks

    @property
    def phase(self) -> Phase:
        """The phase the window shows."""
        return self.actions_by_name.phase

    # what the worker reports
    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Grey what cannot be granted now."""
        self.actions_by_name.apply_phase(phase)
        self.run_bar.apply_phase(phase)
        if self._waiting and phase is not Phase.PAUSED:
            self._waiting = False
            self.messages.hide()

    @Slot(object)
    def show_engine(self, ready: EngineReady) -> None:
        """Training can begin as soon as there are pictures."""
        self.actions_by_name.set_there("engine", True)
        self.run_bar.show_engine(ready)

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """Pictures are in memory."""
        self.actions_by_name.set_there("data", data.train > 0)

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """There is a model to sample from, or none any more."""
        self.actions_by_name.set_there("model", model.units > 0)
        self.setWindowTitle(f"{model.run_name} — {NAME}" if model.run_name else NAME)
        if model.patient_data:  # whom it is about is nobody else's business at this computer
            self._settings.forget_recent_run(self._opened)

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """The settings of the next run."""
        self.run_bar.set_batch_size(config.train.batch_size)

    @Slot(object)
    def show_exported(self, exported: GridExported) -> None:
        """A picture is written: say where, and offer to go there."""
        path = Path(exported.path)
        width, height = exported.size_px
        self.messages.show_message(
            f"Saved {path.name} ({width} × {height} pixels).",
            link_text="Open folder", link=str(path.parent),
        )  # fmt: skip

    @Slot(str)
    def show_saved(self, path: str) -> None:
        """A panel wrote a picture: say where, and offer to go there."""
        file = Path(path)
        self.messages.show_message(
            f"Saved {file.name}.", link_text="Open folder", link=str(file.parent)
        )

    @Slot(str)
    def show_save_failed(self, sentence: str) -> None:
        """A panel could not write a picture."""
        self.messages.show_message(sentence, level="error")

    @Slot(object)
    def show_failure(self, failed: RequestFailedReport) -> None:
        """A wish could not be granted."""
        self.messages.show_message(failed.sentence, level="warning")

    @Slot(object)
    def show_run_failed(self, failed: RunFailed) -> None:
        """The run ended early: one sentence, and details for who wants them."""
        from vae_studio.ui.dialogs.failure_dialog import FailureDialog

        dialog = FailureDialog(
            failed.sentence, failed.details, failed.folder, failed.half_rate, parent=self
        )
        dialog.resume_chosen.connect(self.resume_run_requested)
        dialog.open()

    @Slot(object)
    def show_disk_refused(self, refused: DiskRefused) -> None:
        """The run waits until the disk takes what it has to write."""
        self._waiting = True
        self.messages.show_message(
            f"{refused.sentence} The run waits, with its weights in memory.",
            level="error", link_text="Continue", link=CONTINUE,
        )  # fmt: skip

    def show_message(
        self, sentence: str, *, level: str = "info", link_text: str = "", link: str = ""
    ) -> None:
        """One sentence at the lower edge; ``link`` is a folder or file to open."""
        self.messages.show_message(sentence, level=level, link_text=link_text, link=link)

    # layout
    @Slot()
    def reset_layout(self) -> None:
        """Put every dock back where it was at first."""
        self._window_place.forget()
        self.set_workspace("train")

    def set_workspace(self, name: str) -> None:
        """Arrange the docks as "train" or "explore" has them."""
        self.setUpdatesEnabled(False)
        workspaces.arrange(self, self._docks, workspaces.workspace(name, self.height()))
        self.setUpdatesEnabled(True)

    def confirm_close(self) -> None:
        """Nothing is lost any more: close."""
        self._may_close = True
        self.close()

    def _build_docks(self, panels: Mapping[str, QWidget]) -> None:
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for corner, area in (
            (Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self._docks = {
            name: Dock(name, panel, scrolls=name in SCROLLING)
            for name, panel in panels.items()
            if name != CENTRE
        }
        for dock in self._docks.values():
            dock.setParent(self)
            dock.content_resized.connect(self._note_content)
        centre = QWidget()
        inside = QVBoxLayout(centre)
        inside.setContentsMargins(0, 0, 0, 0)
        if CENTRE in panels:
            inside.addWidget(Card(CENTRE, panels[CENTRE]))
        self.setCentralWidget(centre)
        self.setContentsMargins(GAP_PX, 0, GAP_PX, GAP_PX)

    def _connect_actions(self) -> None:
        actions = self.actions_by_name
        actions.triggered.connect(self._do)
        actions[f"theme_{self._theme.mode}"].setChecked(True)
        for name, stack_signal, can in (
            ("undo", self._undo_stack.canUndoChanged, self._undo_stack.canUndo()),
            ("redo", self._undo_stack.canRedoChanged, self._undo_stack.canRedo()),
        ):
            actions[name].setEnabled(can)
            stack_signal.connect(actions[name].setEnabled)

    @Slot(str)
    def _do(self, name: str) -> None:
        wishes = {
            "train": self.run_requested, "pause": self.pause_requested,
            "resume": self.resume_requested, "stop": self.stop_requested,
            "one_batch": self.one_batch_requested, "export_grid": self.export_requested,
            "copy_grid": self.copy_grid_requested,
            "paste_settings": self.paste_settings_requested,
        }  # fmt: skip
        deeds = {
            "open_run": self._choose_run, "resume_run": self._choose_run_to_resume,
            "quit": self.close, "undo": self._undo_stack.undo, "redo": self._undo_stack.redo,
            "reset_layout": self.reset_layout,
            "full_screen": self._toggle_full_screen, "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }  # fmt: skip
        kind, _, choice = name.partition("_")
        if name in wishes:
            wishes[name].emit()
        elif name in deeds:
            deeds[name]()
        elif kind == "theme":
            self._pin_theme(choice)
        elif kind == "workspace":
            self.set_workspace(choice)

    def _pin_theme(self, mode: str) -> None:
        self._theme.pin(mode)  # type: ignore[arg-type]  # the action names are checked by a test
        self._settings.set_theme(mode)

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _choose_run(self) -> None:
        self._ask_for_folder("Open the folder of a run").fileSelected.connect(self.open_run)

    def _choose_run_to_resume(self) -> None:
        dialog = self._ask_for_folder("Resume the run in this folder")
        dialog.fileSelected.connect(self.resume_run)

    def _ask_for_folder(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title, self._settings.folder("run"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    @Slot(str)
    def resume_run(self, path: str) -> None:
        """Ask for this run to go on, and remember it."""
        self._remember_run(path)
        self.resume_run_requested.emit(path, 0.0)

    @Slot(str)
    def open_run(self, path: str) -> None:
        """Ask for this run folder and remember it."""
        self._remember_run(path)
        self.open_run_requested.emit(path)

    def _remember_run(self, path: str) -> None:
        self._opened = path
        self._settings.add_recent_run(path)
        self._settings.set_folder("run", str(Path(path).parent))

    @Slot(str)
    def _open_link(self, path: str) -> None:
        if path == CONTINUE:
            self.actions_by_name["resume"].trigger()
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    def _may_take(self) -> bool:
        return not self.phase.busy

    @Slot(str)
    def _take_dropped(self, path: str) -> None:
        """The folder of a run is opened; anything else is pictures to train on."""
        if (Path(path) / "manifest.json").is_file():
            self.open_run(path)
        else:
            self.pictures_dropped.emit(path)

    def _show_shortcuts(self) -> None:
        from vae_studio.ui.dialogs.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self).open()

    def _show_about(self) -> None:
        from vae_studio.ui.dialogs.about_dialog import AboutDialog

        AboutDialog(self).open()

    @Slot()
    def _note_content(self) -> None:
        dock = self.sender()
        self._changed = dock if isinstance(dock, Dock) else None
        self._fitting.start()

    @Slot()
    def _fit_column(self) -> None:
        if self._changed is not None:
            workspaces.fit_column(self, self._docks, self._changed)

    @Slot()
    def _arrange_first(self) -> None:
        self.set_workspace("train")

    # Qt
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._window_place.note_shown()
        self.setFocus()  # no field looks chosen before the person has chosen one

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.phase.busy and not self._may_close:
            event.ignore()
            self.close_requested.emit()
            return
        self._window_place.remember()
        self.closing.emit()
        event.accept()
