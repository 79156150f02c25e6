"""The thread's one object: steps the engine and answers requests between batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_studio.domain import events as e
from vae_studio.domain.config import DataConfig, RunConfig
from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.layers import LayersDescribed, LayersWanted
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import (
    CodeDecoded,
    CodesEncoded,
    DataLoaded,
    GridExported,
    GridPreviewed,
    ModelChanged,
    Reconstructed,
    RequestFailed,
    RunResumed,
    Sampled,
    TilesDecoded,
    TilesWanted,
)
from vae_studio.worker.checking import Checking
from vae_studio.worker.fetching import WISH as DOWNLOADING
from vae_studio.worker.fetching import Fetching
from vae_studio.worker.guard import failure, reports_failure
from vae_studio.worker.latest import Latest
from vae_studio.worker.picture_desk import PictureDesk, described
from vae_studio.worker.points import units_of


class ModelWorker(QObject):
    """Owns torch and the model. Every slot runs on the worker's thread, between two batches.

    Reports (one object each, of the type named): ``engine_ready`` EngineReady, ``data_loaded``
    DataLoaded, ``model_changed`` ModelChanged, ``phase_changed`` Phase; ``loading`` (share 0 to 1,
    sentence) while a set is loaded or fetched; ``data_fetched`` (str name) a download is complete,
    ``download_failed`` RequestFailed; the events of domain.events under their own names in lower
    case; ``run_resumed`` RunResumed, ``layers_described`` LayersDescribed, ``code_decoded``
    CodeDecoded, ``tiles_decoded`` TilesDecoded, ``codes_encoded`` CodesEncoded, ``reconstructed``
    Reconstructed, ``sampled`` Sampled, ``grid_previewed`` GridPreviewed, ``grid_exported``
    GridExported, ``request_failed`` RequestFailed. ``shut``: the thread may end. Signals of its
    own has ``checking``, which looks at all pictures.
    """

    engine_ready = Signal(object)
    data_loaded = Signal(object)
    loading = Signal(float, str)
    data_fetched = Signal(str)
    download_failed = Signal(object)
    model_changed = Signal(object)
    phase_changed = Signal(object)
    run_started = Signal(object)
    run_resumed = Signal(object)
    batches_trained = Signal(object)
    units_measured = Signal(object)
    validated = Signal(object)
    epoch_ended = Signal(object)
    checkpoint_saved = Signal(object)
    disk_refused = Signal(object)
    knob_turned = Signal(object)
    notice_given = Signal(object)
    run_finished = Signal(object)
    run_failed = Signal(object)
    layers_described = Signal(object)
    code_decoded = Signal(object)
    tiles_decoded = Signal(object)
    codes_encoded = Signal(object)
    reconstructed = Signal(object)
    sampled = Signal(object)
    grid_previewed = Signal(object)
    grid_exported = Signal(object)
    request_failed = Signal(object)
    shut = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._phase = Phase.IDLE
        self._made_studio: Any = None  # worker.studio.Studio, once torch is there
        self._pictures = PictureDesk(self.loading.emit)
        self.checking = Checking(self._pictures, self)
        self.phase_changed.connect(self.checking.apply_phase)
        self.data_loaded.connect(self.checking.note_data)
        self._fetching = Fetching(self)
        self._fetching.progressed.connect(self.loading)
        self._fetching.fetched.connect(self.data_fetched)
        self._fetching.failed.connect(self.download_failed)
        self._code: Latest[Any] = Latest()
        self._preview: Latest[SampleGridSpec] = Latest()
        self._looked = False  # the last turn went into a picture
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)
        self._signals: dict[type, Callable[[Any], None]] = {
            e.RunStarted: self.run_started.emit,
            e.BatchesTrained: self.batches_trained.emit,
            e.UnitsMeasured: self.units_measured.emit,
            e.Validated: self.validated.emit,
            e.EpochEnded: self.epoch_ended.emit,
            e.CheckpointSaved: self.checkpoint_saved.emit,
            e.DiskRefused: self.disk_refused.emit,
            e.KnobTurned: self.knob_turned.emit,
            e.NoticeGiven: self.notice_given.emit,
            e.RunFinished: self.run_finished.emit,
            e.RunFailed: self.run_failed.emit,
            CodesEncoded: self.codes_encoded.emit,
            DataLoaded: self.data_loaded.emit,
            ModelChanged: self.model_changed.emit,
            Reconstructed: self.reconstructed.emit,
            RequestFailed: self.request_failed.emit,
            RunResumed: self.run_resumed.emit,
            Sampled: self.sampled.emit,
            TilesDecoded: self.tiles_decoded.emit,
        }

    # -- starting and ending -------------------------------------------------------------------

    @Slot()
    @reports_failure("start the engine")
    def warm_up(self) -> None:
        """Import torch and pay its first-call costs, before Train can be pressed."""
        from vae_studio.worker.studio import Studio

        self._made_studio = Studio(self._pictures)
        self.engine_ready.emit(self._made_studio.warm_up())

    @Slot()
    def shut_down(self) -> None:
        """Save and end the run under way, then say ``shut``."""
        self._fetching.cancel()
        try:
            if self._made_studio and self._made_studio.training:
                self._made_studio.training.end(self._tell)
        except Exception as wrong:
            self.request_failed.emit(failure("save the run before closing", wrong))
        self._timer.stop()
        self.shut.emit()

    # -- data and models -----------------------------------------------------------------------

    @Slot(object, str)
    @reports_failure("load the pictures")
    def load_data(self, data: DataConfig, data_dir: str) -> None:
        """Load a set that is on this computer and tell what is in it."""
        self.data_loaded.emit(described(self._pictures.load(data, data_dir)))

    @Slot(object, str)
    def download_data(self, data: DataConfig, data_dir: str) -> None:
        """Fetch a set, as the person agreed to; ``data_fetched`` says that it can be loaded."""
        try:
            self._fetching.fetch(data.dataset, data_dir)
        except Exception as wrong:
            self.download_failed.emit(failure(DOWNLOADING, wrong))

    def cancel_loading(self) -> None:
        """End the download under way. Thread-safe: to be called from the window's thread."""
        self._fetching.cancel()

    @Slot(str)
    @reports_failure("open the run")
    def open_run(self, path: str) -> None:
        """Put the model of a run folder on the canvas."""
        self._refuse_while_training("opening another run")
        for report in self._studio.open_run(Path(path)):
            self._tell(report)
        self._set_phase(Phase.IDLE)
        self._wake()

    # -- training ------------------------------------------------------------------------------

    @Slot(object)
    @reports_failure("start the run")
    def start_run(self, config: RunConfig) -> None:
        """Train a new model to the end."""
        self._begin(self._studio.begin(config, batches=None))

    @Slot(str, float)
    @reports_failure("resume the run")
    def resume_run(self, path: str, learning_rate: float) -> None:
        """Go on with the run in a folder; with another learning rate unless that is 0."""
        self._begin(self._studio.resume(Path(path), learning_rate))

    @Slot(object)
    @reports_failure("train one batch")
    def train_one_batch(self, config: RunConfig) -> None:
        """One batch of the paused run, or of a new run that is then paused."""
        training = self._studio.training
        if training and not training.over:
            training.one_more()
            self._wake()
        else:
            self._begin(self._studio.begin(config, batches=1))

    @Slot()
    @reports_failure("pause")
    def pause(self) -> None:
        """Hold after the batch under way; everything else goes on."""
        if self._phase is Phase.RUNNING:
            self._studio.training.pause()
            self._tell(self._studio.training.flush())
            self._set_phase(Phase.PAUSED)

    @Slot()
    @reports_failure("resume")
    def resume(self) -> None:
        """Go on after a pause."""
        if self._phase is Phase.PAUSED:
            self._studio.training.resume()
            self._set_phase(Phase.RUNNING)
            self._wake()

    @Slot()
    @reports_failure("stop")
    def stop(self) -> None:
        """Save and end the run under way."""
        if self._phase in (Phase.RUNNING, Phase.PAUSED):
            self._studio.training.stop()
            self._set_phase(Phase.RUNNING)
            self._wake()

    @Slot(str, object)
    @reports_failure("change the setting")
    def turn_knob(self, path: str, value: Any) -> None:
        """Change a live setting of the run under way, from the next batch on."""
        training = self._studio.training
        if training and not training.over:
            training.trainer.turn_knob(path, value)

    # -- looking -------------------------------------------------------------------------------

    @Slot(object)
    @reports_failure("describe the layers")
    def describe_layers(self, wanted: LayersWanted) -> None:
        """Which layers the settings mean for these pictures; nothing is built in memory."""
        from vae_studio.engine.layers import describe

        told = wanted.classes if wanted.model.conditional else 0
        table = describe(wanted.model, wanted.shape, condition=told)
        self.layers_described.emit(LayersDescribed(wanted, table))

    @Slot(object)
    @reports_failure("decode the code")
    def decode(self, code_D: Any) -> None:
        """Decode the newest code that was pointed at; older ones are skipped."""
        self._code.put(np.asarray(code_D, np.float32))
        self._wake()

    @Slot(object)
    @reports_failure("draw the map")
    def want_tiles(self, wanted: TilesWanted) -> None:
        """Tiles of this plane from now on."""
        self._studio.gallery.want_tiles(wanted)
        self._wake()

    @Slot(int, int, float)
    @reports_failure("draw samples")
    def want_samples(self, count: int, seed: int, temperature: float) -> None:
        """These samples from now on."""
        self._studio.gallery.want_samples(count, seed, temperature)
        self._wake()

    @Slot(object)
    @reports_failure("preview the grid")
    def preview_grid(self, spec: SampleGridSpec) -> None:
        """Draw the newest wished grid; older wishes are skipped."""
        self._preview.put(spec)
        self._wake()

    @Slot(object, str)
    @reports_failure("export the grid")
    def export_grid(self, spec: SampleGridSpec, path: str) -> None:
        """Write the grid, whole or not at all."""
        began = time.perf_counter()
        size = self._studio.write_grid(spec, Path(path))
        spent_ms = (time.perf_counter() - began) * 1e3
        self.grid_exported.emit(GridExported(path, size, self._studio.holding.step, spent_ms))

    # -- the turn ------------------------------------------------------------------------------

    @Slot()
    def _turn(self) -> None:
        """Serve the pointer, then train a batch or make a slice of a picture; sleep when idle."""
        try:
            busy = self._serve_requests()
            busy |= self._work()
        except Exception as wrong:
            self.request_failed.emit(failure("go on", wrong))
            busy = True
        if not busy:
            self._timer.stop()

    def _work(self) -> bool:
        """A slice and a batch take turns: a click waits for one of them, never for both."""
        self._looked = not self._looked and self._look()
        return self._looked or self._train() or self._look()

    def _serve_requests(self) -> bool:
        code, spec = self._code.take(), self._preview.take()
        if code is not None and self._studio.holding:
            self._answer("decode the code", self._decode_now, code)
        if spec is not None:
            self._answer("preview the grid", self._preview_now, spec)
        return code is not None or spec is not None

    def _answer(self, wish: str, answer: Callable[[Any], None], asked: Any) -> None:
        try:
            answer(asked)
        except Exception as wrong:
            self.request_failed.emit(failure(wish, wrong))

    def _decode_now(self, code_D: Any) -> None:
        holding = self._studio.holding
        if len(code_D) == holding.probe.vae.units:
            picture = holding.probe.decode(code_D[None])[0]
            self.code_decoded.emit(CodeDecoded(code_D, picture, holding.step))

    def _preview_now(self, spec: SampleGridSpec) -> None:
        png, size = self._studio.grid_png(spec)
        self.grid_previewed.emit(GridPreviewed(spec, png, size, self._studio.holding.step))

    def _train(self) -> bool:
        training = self._studio.training
        if training is None or not training.moving:
            return False
        step = training.trainer.step
        event = training.turn()
        self._tell(event)
        if training.trainer.step != step:
            self._studio.gallery.pace.weights_changed()
        if training.over:
            self._set_phase(Phase.FAILED if isinstance(event, e.RunFailed) else Phase.DONE)
        elif not training.moving:
            self._tell(training.flush())
            self._set_phase(Phase.PAUSED)
        return True

    def _look(self) -> bool:
        if not self._studio.holding:
            return False
        training = self._studio.training
        busy, report = self._studio.gallery.turn(
            self._studio.holding, training=bool(training and training.moving)
        )
        self._tell(report)
        if isinstance(report, CodesEncoded):
            self._tell(units_of(report))
        return bool(busy)

    @property
    def _studio(self) -> Any:
        if self._made_studio is None:
            raise StudioError(
                "The engine did not start, so nothing can be trained or drawn. Install torch again "
                "(pip install --force-reinstall torch) and restart VAE Studio."
            )
        return self._made_studio

    # -- small things --------------------------------------------------------------------------

    def _begin(self, reports: Iterator[Any]) -> None:
        self._refuse_while_training("starting another")
        before = self._phase
        self._set_phase(Phase.PREPARING)
        try:
            for report in reports:
                self._tell(report)
        except Exception:
            self._set_phase(Phase.FAILED if before is Phase.FAILED else Phase.IDLE)
            raise
        self._set_phase(Phase.RUNNING)
        self._wake()

    def _refuse_while_training(self, wish: str) -> None:
        if self._phase.busy:
            raise StudioError(f"A run is under way; stop it before {wish}.")

    def _tell(self, report: Any) -> None:
        if report is not None:
            self._signals[type(report)](report)

    def _set_phase(self, phase: Phase) -> None:
        if phase is not self._phase:
            self._phase = phase
            self.phase_changed.emit(phase)

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
