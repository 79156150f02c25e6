"""Every edge between window and worker, on one page.

Wishes go down, reports come up. Each is a queued call between two threads, so each end is a bound
slot of an object: anything else would run in the sender's thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from vae_studio.ui.widgets.frame_clock import FrameClock
from vae_studio.wishes import Wishes
from vae_studio.worker.model_worker import ModelWorker

if TYPE_CHECKING:
    from vae_studio.ui.dialogs.download_dialog import DownloadDialog
    from vae_studio.ui.dialogs.export_dialog import ExportDialog


@dataclass(frozen=True, eq=False)
class Panels:
    """One of each; the field names are the dock names."""

    data: DataPanel
    model: ModelPanel
    objective: ObjectivePanel
    train: TrainPanel
    canvas: CanvasPanel
    loss: LossPanel
    decoded: DecodedPanel
    reconstructions: ReconstructionsPanel
    samples: SamplesPanel
    units: UnitsPanel
    log: LogPanel


def wire_forms(panels: Panels, desk: ConfigDesk, window: MainWindow, wishes: Wishes) -> None:
    """Settings: form → desk → all forms; the desk owns the config."""
    for form in (panels.data, panels.model, panels.objective, panels.train):
        form.knob_changed.connect(desk.turn)
        desk.config_changed.connect(form.show_config)
    desk.config_changed.connect(window.show_config)
    desk.knob_turned.connect(wishes.take_knob)
    desk.refused.connect(window.show_message)
    pictures = (panels.data.pictures, panels.decoded.picture, panels.reconstructions.pictures,
                panels.samples.pictures)  # fmt: skip
    for view in pictures:
        view.saved.connect(window.show_saved)
        view.save_failed.connect(window.show_save_failed)
    panels.data.data_chosen.connect(wishes.choose_data)
    window.pictures_dropped.connect(panels.data.choose_folder)


def wire_wishes(
    panels: Panels, window: MainWindow, wishes: Wishes, worker: ModelWorker
) -> None:  # fmt: skip
    """Down: from buttons, pointer and keys to the worker's slots."""
    for button in (window, panels.train):
        button.run_requested.connect(wishes.ask_for_run)
        button.one_batch_requested.connect(wishes.ask_for_batch)
        button.pause_requested.connect(worker.pause)
        button.resume_requested.connect(worker.resume)
        button.stop_requested.connect(worker.stop)
    panels.train.preset_chosen.connect(wishes.take_preset)
    window.open_run_requested.connect(worker.open_run)
    window.resume_run_requested.connect(worker.resume_run)
    window.copy_grid_requested.connect(wishes.ask_for_copy)
    wishes.data_wanted.connect(worker.load_data)
    wishes.download_wanted.connect(worker.download_data)
    wishes.run_wanted.connect(worker.start_run)
    wishes.batch_wanted.connect(worker.train_one_batch)
    wishes.knob_wanted.connect(worker.turn_knob)
    wishes.copy_wanted.connect(worker.preview_grid)
    panels.model.layers_wanted.connect(worker.describe_layers)
    panels.data.patient_data_turned.connect(worker.checking.mark_patient_data)
    panels.data.check.check_requested.connect(worker.checking.begin)
    panels.data.check.cancel_requested.connect(worker.checking.cancel)
    panels.data.check.browse_requested.connect(worker.checking.open)
    panels.canvas.code_chosen.connect(worker.decode)
    panels.canvas.tiles_wanted.connect(worker.want_tiles)
    panels.samples.samples_wanted.connect(worker.want_samples)


def wire_reports(
    panels: Panels, window: MainWindow, clock: FrameClock, wishes: Wishes, worker: ModelWorker
) -> None:  # fmt: skip
    """Up: from the worker's signals to what shows them."""
    bar = window.run_bar
    fans = {
        worker.engine_ready: (window.show_engine, panels.train.show_engine),
        worker.data_loaded: (
            window.show_data, panels.data.show_data, panels.objective.show_data,
            panels.train.show_data, panels.model.show_data, wishes.note_data,
        ),
        worker.checking.progressed: (panels.data.check.show_progress,),
        worker.checking.checked: (panels.data.show_check, wishes.note_check),
        worker.checking.request_failed: (window.show_failure, wishes.note_failure),
        worker.data_fetched: (wishes.take_fetched,),
        worker.download_failed: (wishes.note_failure,),
        worker.model_changed: (
            wishes.take_model, window.show_model, panels.canvas.show_model,
            panels.decoded.show_model,
            panels.reconstructions.show_model, panels.samples.show_model, panels.units.show_model,
        ),
        worker.phase_changed: (
            window.apply_phase, clock.apply_phase, wishes.apply_phase, panels.data.apply_phase,
            panels.model.apply_phase, panels.objective.apply_phase, panels.train.apply_phase,
        ),
        worker.run_started: (
            bar.show_run, panels.model.show_run, panels.objective.show_run, panels.train.show_run,
            panels.loss.start_run, wishes.note_start,
        ),
        worker.batches_trained: (
            bar.show_progress, panels.objective.show_progress, panels.train.show_progress,
            panels.loss.append_batches,
        ),
        worker.validated: (panels.loss.append_validation, wishes.note_validation),
        worker.units_measured: (panels.units.show_units, panels.canvas.show_units),
        worker.run_resumed: (wishes.take_resumed, panels.loss.show_past),
        worker.checkpoint_saved: (wishes.note_checkpoint,),
        worker.disk_refused: (window.show_disk_refused, wishes.note_disk),
        worker.knob_turned: (panels.objective.show_turned, wishes.note_knob),
        worker.notice_given: (panels.log.append_notice,),
        worker.run_finished: (bar.show_finished, wishes.note_end),
        worker.run_failed: (window.show_run_failed, wishes.note_run_failure),
        worker.layers_described: (panels.model.show_layers,),
        worker.code_decoded: (panels.canvas.show_decoded, panels.decoded.show_decoded),
        worker.tiles_decoded: (panels.canvas.show_tiles,),
        worker.codes_encoded: (panels.canvas.show_codes, panels.decoded.show_codes),
        worker.reconstructed: (panels.reconstructions.show_reconstructions,),
        worker.sampled: (panels.samples.show_samples,),
        worker.grid_previewed: (wishes.take_preview,),
        worker.grid_exported: (window.show_exported,),
        worker.request_failed: (
            window.show_failure, panels.data.show_failure, wishes.note_failure,
        ),
    }  # fmt: skip
    for signal, slots in fans.items():
        for slot in slots:
            signal.connect(slot)
    wishes.noticed.connect(panels.log.append_notice)


def wire_export(dialog: ExportDialog, worker: ModelWorker) -> None:
    """The export dialog, both ways."""
    dialog.preview_requested.connect(worker.preview_grid)
    dialog.export_requested.connect(worker.export_grid)
    worker.grid_previewed.connect(dialog.show_preview)
    worker.grid_exported.connect(dialog.show_exported)
    worker.request_failed.connect(dialog.show_failure)
    worker.model_changed.connect(dialog.show_model)
    worker.phase_changed.connect(dialog.apply_phase)


def wire_download(
    dialog: DownloadDialog, panels: Panels, wishes: Wishes, worker: ModelWorker
) -> None:
    """The download dialog, both ways; what cancels it must not wait for the worker's thread."""
    dialog.download_requested.connect(wishes.ask_for_download)
    dialog.place_chosen.connect(wishes.choose_data)
    dialog.cancel_requested.connect(wishes.forget_download)
    dialog.rejected.connect(panels.data.show_loaded)
    wishes.download_kept.connect(dialog.reject)
    worker.loading.connect(dialog.show_progress)
    worker.data_fetched.connect(dialog.show_fetched)
    worker.data_loaded.connect(dialog.show_data)
    worker.download_failed.connect(dialog.show_failure)
    worker.request_failed.connect(dialog.show_failure)
