"""Starts the window, then the engine behind it, and ends both in order."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QThread, QTimer, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from vae_studio import __version__
from vae_studio.data.catalog import entries, host_and_size, is_present
from vae_studio.data.offer import is_offline
from vae_studio.domain.config import RunConfig
from vae_studio.domain.errors import StudioError
from vae_studio.domain.phase import Phase
from vae_studio.engine import catalog
from vae_studio.housekeeping import Housekeeper, show_uncaught
from vae_studio.resources import resource
from vae_studio.ui.config_desk import ConfigDesk
from vae_studio.ui.main_window import MainWindow
from vae_studio.ui.panels.canvas import CanvasPanel
from vae_studio.ui.panels.data import DataPanel
from vae_studio.ui.panels.decoded import DecodedPanel
from vae_studio.ui.panels.log import LogPanel
from vae_studio.ui.panels.loss import LossPanel
from vae_studio.ui.panels.model import ModelPanel
from vae_studio.ui.panels.objective import ObjectivePanel
from vae_studio.ui.panels.reconstructions import ReconstructionsPanel
from vae_studio.ui.panels.samples import SamplesPanel
from vae_studio.ui.panels.train import TrainPanel
from vae_studio.ui.panels.units import UnitsPanel
from vae_studio.ui.settings import Settings
from vae_studio.ui.theme import Theme
from vae_studio.ui.widgets.frame_clock import FrameClock
from vae_studio.ui.widgets.knob_form import Catalogs
from vae_studio.wiring import (
    Panels,
    wire_download,
    wire_export,
    wire_forms,
    wire_reports,
    wire_wishes,
)
from vae_studio.wishes import Wishes
from vae_studio.worker.model_worker import ModelWorker

if TYPE_CHECKING:
    from vae_studio.data.image_set import DataSplits
    from vae_studio.ui.dialogs.browser_dialog import BrowserDialog
    from vae_studio.ui.dialogs.close_dialog import CloseDialog
    from vae_studio.ui.dialogs.download_dialog import DownloadDialog
    from vae_studio.ui.dialogs.export_dialog import ExportDialog

OFFLINE = (
    "VAE_STUDIO_OFFLINE=1 forbids every connection. Show the folder that holds the set, or start "
    "VAE Studio without that setting."
)
CATALOGS = Catalogs(catalog.choices, catalog.cards, catalog.OPTION_FIELDS)
STACK_BYTES = 16 << 20  # macOS gives threads 512 kB, too little for some matrix kernels
SWITCH_S = 0.001  # Python's 5 ms would be a third of a frame, each time the worker holds the GIL


class App(QObject):
    """The whole of a running VAE Studio: window, worker, and their end."""

    def __init__(self, app: QApplication, *, run: Path | None = None) -> None:
        super().__init__()
        self.settings = Settings()
        self.theme = Theme(app, self.settings.theme)
        self.theme.prepare()
        self.desk = ConfigDesk(RunConfig(), self)
        self.wishes = Wishes(self.desk, self)
        self.panels = make_panels()
        self.window = MainWindow(
            vars(self.panels), theme=self.theme, settings=self.settings,
            undo_stack=self.desk.undo_stack,
        )  # fmt: skip
        self.clock = FrameClock(self)
        self._first_run = run
        self._export: ExportDialog | None = None
        self._download: DownloadDialog | None = None
        self._browser: BrowserDialog | None = None
        self._close: CloseDialog | None = None
        self._leaving = False  # as soon as the run under way is saved
        self.worker = ModelWorker()
        self.thread_of_worker = QThread(self)
        self.thread_of_worker.setStackSize(STACK_BYTES)
        self.worker.moveToThread(self.thread_of_worker)
        self._connect()

    def _connect(self) -> None:
        for panel in vars(self.panels).values():
            if hasattr(panel, "paint_frame"):
                words = panel in (self.panels.train, self.panels.decoded)
                self.clock.register(panel, words=words)
        self.clock.register(self.window.run_bar, words=True)
        wire_forms(self.panels, self.desk, self.window, self.wishes)
        wire_wishes(self.panels, self.window, self.wishes, self.worker)
        wire_reports(self.panels, self.window, self.clock, self.wishes, self.worker)
        self.desk.config_changed.emit(self.desk.config)
        self.wishes.grid_ready.connect(self.copy_grid)
        self.window.export_requested.connect(self.show_export)
        self.window.paste_settings_requested.connect(self.show_paste)
        self.panels.data.download_requested.connect(self.show_download)
        self.worker.checking.opened.connect(self.show_browser)
        self.panels.data.check.browse_requested.connect(self.raise_browser)
        self.window.close_requested.connect(self.ask_before_closing)
        self.window.closing.connect(self.shut_down)
        self.worker.phase_changed.connect(self.go_on_closing)
        self.worker.disk_refused.connect(self.stay_open)
        self.worker.shut.connect(self.finish_closing)
        # direct: the window waits for the thread, so it could not pass the wish on
        self.worker.shut.connect(self.thread_of_worker.quit, Qt.ConnectionType.DirectConnection)
        self.wishes.engine_wanted.connect(self.worker.warm_up)
        self.wishes.shut_wanted.connect(self.worker.shut_down)
        self.window.installEventFilter(self)
        self.thread_of_worker.finished.connect(self.worker.deleteLater)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The engine starts behind the first paint: importing torch would delay it."""
        if event.type() == QEvent.Type.Paint and watched is self.window:
            self.window.removeEventFilter(self)
            QTimer.singleShot(0, self.start_engine)
        return super().eventFilter(watched, event)

    @Slot()
    def start_engine(self) -> None:
        """The pictures first (they need no torch), then the engine, then the first model."""
        if not self.window.isVisible():
            return  # closed at once: nobody would end the thread
        self.thread_of_worker.start()
        self.wishes.ask_for_data()
        self.wishes.engine_wanted.emit()
        first = self._first_run or resource("examples", "fashion-map")
        if (first / "manifest.json").is_file() or self._first_run:
            self.window.open_run_requested.emit(str(first))

    # -- export --------------------------------------------------------------------------------

    @Slot()
    def show_export(self) -> None:
        """Open the export dialog, or bring it to the front."""
        if self._export is None:
            from vae_studio.ui.dialogs.export_dialog import ExportDialog

            self._export = ExportDialog(self.settings, self.window)
            wire_export(self._export, self.worker)
            self._export.apply_phase(self.window.phase)
            if self.wishes.model is not None:
                self._export.show_model(self.wishes.model)
        self._export.show()
        self._export.raise_()
        self._export.activateWindow()

    @Slot(bytes)
    def copy_grid(self, png: bytes) -> None:
        """Put a drawn grid on the clipboard."""
        from vae_studio.ui.dialogs.export_clipboard import copy_png

        copy_png(png)
        image = QImage.fromData(png)
        size = f"{image.width()} × {image.height()} pixels"
        self.window.show_message(f"Copied a sample grid ({size}); paste it into a slide.")

    # -- settings of other code ----------------------------------------------------------------

    @Slot()
    def show_paste(self) -> None:
        """Say what the settings on the clipboard would change; nothing changes before *Apply*."""
        from vae_studio.domain.translate.translation import translate
        from vae_studio.ui.dialogs.paste_settings_dialog import PasteSettingsDialog, changes_between

        try:
            found = translate(QApplication.clipboard().text(), catalog, self.desk.config)
        except StudioError as wrong:
            self.window.show_message(f"Not pasted. {wrong.sentence}", level="warning")
            return
        changes = changes_between(self.desk.config, found.config, CATALOGS)
        dialog = PasteSettingsDialog(found, changes, self.window)
        dialog.settings_chosen.connect(self.take_pasted)
        dialog.open()

    @Slot(object)
    def take_pasted(self, config: RunConfig) -> None:
        """Take pasted settings over, in one step back."""
        self.desk.replace(config, "Paste settings")

    # -- downloads -----------------------------------------------------------------------------

    @Slot(str)
    def show_download(self, name: str) -> None:
        """Say what fetching a set would mean; nothing is fetched before the person agrees."""
        from vae_studio.ui.dialogs.download_dialog import DownloadDialog, DownloadFacts

        if self._download is not None:
            self._download.reject()
        offer, refusal = host_and_size(name), OFFLINE if is_offline() else ""
        facts = DownloadFacts(name, offer.title, offer.host, offer.bytes, offer.licence, refusal)
        self._download = DownloadDialog(facts, self.window)
        self._download.cancel_requested.connect(self.cancel_download)
        self._download.finished.connect(self._forget_download)
        wire_download(self._download, self.panels, self.wishes, self.worker)
        self._download.show()

    @Slot()
    def cancel_download(self) -> None:
        """Straight into the worker: its own queue may be seconds behind."""
        self.worker.cancel_loading()

    @Slot()
    def _forget_download(self) -> None:
        self._download = None

    # -- single pictures ----------------------------------------------------------------------

    @Slot(object)
    def show_browser(self, splits: DataSplits) -> None:
        """Every picture in hand, in a window that follows when others are chosen."""
        if self._browser is None:
            from vae_studio.ui.dialogs.browser_dialog import BrowserDialog

            self._browser = BrowserDialog(splits, self.window)
            self._browser.finished.connect(self._forget_browser)
            self.worker.data_loaded.connect(self.worker.checking.open)
        self._browser.show_splits(splits)
        self._browser.show()

    @Slot()
    def raise_browser(self) -> None:
        """It may stand behind the window."""
        if self._browser is not None:
            self._browser.raise_()
            self._browser.activateWindow()

    @Slot()
    def _forget_browser(self) -> None:
        self._browser = None
        self.worker.data_loaded.disconnect(self.worker.checking.open)

    # -- the end -------------------------------------------------------------------------------

    @Slot()
    def ask_before_closing(self) -> None:
        """A run is under way: keep training, or save, stop and close."""
        if self._close is None:
            from vae_studio.ui.dialogs.close_dialog import CloseDialog

            self._close = CloseDialog(self.window.run_bar.sentence, self.window)
            self._close.save_and_stop_chosen.connect(self.save_and_close)
            self._close.destroyed.connect(self._forget_dialog)
        self._close.open()

    @Slot()
    def _forget_dialog(self) -> None:
        self._close = None

    @Slot()
    def save_and_close(self) -> None:
        """Save the run under way, then close."""
        if self._close is not None:
            self._close.show_saving()
        self._leaving = True
        self.window.stop_requested.emit()

    @Slot(object)
    def go_on_closing(self, phase: Phase) -> None:
        """The run that was to be saved before closing has ended."""
        if self._leaving and not phase.busy:
            self.wishes.shut_wanted.emit()

    @Slot()
    def stay_open(self) -> None:
        """The disk refused the run that was to be saved before closing."""
        self._leaving = False
        if self._close is not None:
            self._close.reject()

    @Slot()
    def finish_closing(self) -> None:
        """All is saved."""
        if self.window.isVisible():
            self.window.confirm_close()

    @Slot()
    def shut_down(self) -> None:
        """The window is going: end the worker's thread in order, never by force."""
        for dialog in (self._export, self._download, self._browser):
            if dialog is not None:
                dialog.close()
        self.clock.stop()
        self.wishes.shut_wanted.emit()
        self.thread_of_worker.wait()

    def end_at_once(self) -> None:
        """SIGTERM or log-off: as *Save and stop*, without asking."""
        if self.window.phase.busy:
            self.wishes.shut_wanted.emit()
        else:
            self.window.close()


def make_panels() -> Panels:
    """Every panel, knowing only its catalogs."""
    return Panels(
        data=DataPanel(entries(), is_present),
        model=ModelPanel(CATALOGS),
        objective=ObjectivePanel(CATALOGS),
        train=TrainPanel(CATALOGS),
        canvas=CanvasPanel(),
        loss=LossPanel(),
        decoded=DecodedPanel(),
        reconstructions=ReconstructionsPanel(),
        samples=SamplesPanel(),
        units=UnitsPanel(),
        log=LogPanel(),
    )


def main(run: Path | None = None, arguments: Sequence[str] = ()) -> int:
    """Open the app and stay until it is closed; the exit code."""
    if sys.platform == "win32":
        import torch  # noqa: F401  # on Windows torch finds its libraries only before Qt
    sys.setswitchinterval(SWITCH_S)
    QApplication.setApplicationName("vae-studio")
    QApplication.setApplicationDisplayName("VAE Studio")
    QApplication.setApplicationVersion(__version__)
    app = QApplication([sys.argv[0], *arguments])
    studio = App(app, run=run)
    sys.excepthook = show_uncaught(studio.window)
    housekeeper = Housekeeper(app)

    def terminate(_number: int, _frame: FrameType | None) -> None:
        studio.end_at_once()

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, terminate)
    studio.window.show()
    code = app.exec()
    housekeeper.stop()
    return code
