"""The window's side of the wiring: turns clicks into whole requests for the worker."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from vae_studio.domain.config import DataConfig, RunConfig, knob_at, with_value
from vae_studio.domain.events import (
    CheckpointSaved,
    DiskRefused,
    KnobTurned,
    NoticeGiven,
    RunFailed,
    RunFinished,
    RunStarted,
    Validated,
)  # fmt: skip
from vae_studio.domain.grid import CAPTION_TEMPLATE, SampleGridSpec
from vae_studio.domain.phase import Phase
from vae_studio.domain.preflight import Preflight
from vae_studio.domain.presets import preset
from vae_studio.domain.reports import (
    DataLoaded,
    GridPreviewed,
    ModelChanged,
    RequestFailed,
    RunResumed,
)  # fmt: skip
from vae_studio.ui.config_desk import ConfigDesk

DATASET = "data.dataset"
AUGMENT = "data.augment_"  # how pictures are varied decides nothing about which they are
LOADING = "load the pictures"  # the worker's name for the wish


class Wishes(QObject):
    """Signals to the worker: ``data_wanted(DataConfig, str data_dir)``,
    ``download_wanted(DataConfig, str data_dir)``, ``run_wanted(RunConfig)``,
    ``batch_wanted(RunConfig)``, ``knob_wanted(str path, object value)``,
    ``copy_wanted(SampleGridSpec)``, ``shut_wanted()``, ``engine_wanted()``.
    To the window: ``noticed(NoticeGiven)``, ``grid_ready(bytes)`` the PNG of a wished copy,
    ``download_kept`` a set has come, but a run is under way with another one."""

    data_wanted = Signal(object, str)
    download_wanted = Signal(object, str)
    run_wanted = Signal(object)
    batch_wanted = Signal(object)
    knob_wanted = Signal(str, object)
    copy_wanted = Signal(object)
    shut_wanted = Signal()
    engine_wanted = Signal()
    download_kept = Signal()
    grid_ready = Signal(bytes)
    noticed = Signal(object)

    def __init__(self, desk: ConfigDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._places: dict[str, str] = {}  # where the person said that a set lies
        self._chosen = ""  # asked for, not loaded yet
        self._loaded = ""
        self._adopted = ""  # loaded already: turning the knob to it asks for nothing
        self._adopting = False  # the settings are those of a run already
        self._downloading = ""
        self._phase = Phase.IDLE
        self.model: ModelChanged | None = None
        self._copied_spec: SampleGridSpec | None = None

    # -- from the person -----------------------------------------------------------------------

    @Slot()
    def ask_for_data(self) -> None:
        """Load the set that the settings name."""
        self._chosen = ""
        data = self._desk.config.data
        self.data_wanted.emit(data, self._places.get(data.dataset, ""))

    @Slot(str, str)
    def choose_data(self, dataset: str, data_dir: str) -> None:
        """Another set was chosen (a name, or the path of a folder of pictures). The settings take
        it over once it is loaded, so that a failure leaves them as they are."""
        if data_dir:
            self._places[dataset] = data_dir
        self._chosen = dataset
        self.data_wanted.emit(self._data_config(dataset), self._places.get(dataset, ""))

    @Slot(str)
    def ask_for_download(self, dataset: str) -> None:
        """The person agreed that this set is fetched."""
        self._downloading = dataset
        self.download_wanted.emit(self._data_config(dataset), "")

    @Slot()
    def forget_download(self) -> None:
        """The person cancelled; a set that arrives all the same is not switched to."""
        self._downloading = ""

    @Slot(str)
    def take_fetched(self, dataset: str) -> None:
        """A set is on this computer now: load it, unless a run is using another one."""
        if dataset != self._downloading:
            return
        self._downloading = ""
        if self._phase.busy:
            self._say("The download is complete; choose the set when the run has ended.")
            self.download_kept.emit()
        else:
            self.choose_data(dataset, "")

    @Slot(str, object)
    def take_knob(self, path: str, value: object) -> None:
        """A setting has changed: pictures are loaded, live settings reach the run under way."""
        if self._adopting or (path == DATASET and value == self._adopted):
            return
        if path.startswith("data.") and not path.startswith(AUGMENT):
            self.ask_for_data()
        elif knob_at(path).live and self._phase in (Phase.RUNNING, Phase.PAUSED):
            self.knob_wanted.emit(path, value)

    @Slot(str)
    def take_preset(self, name: str) -> None:
        """Start from settings that were measured; one step back undoes it."""
        chosen = preset(name)
        self._desk.replace(chosen.on_machine_of(self._desk.config), f"Preset {chosen.title}")

    @Slot()
    def ask_for_run(self) -> None:
        """Train what the forms say."""
        self.run_wanted.emit(self._run_config())

    @Slot()
    def ask_for_batch(self) -> None:
        """One batch of the paused run, or of a new one."""
        self.batch_wanted.emit(self._run_config())

    @Slot()
    def ask_for_copy(self) -> None:
        """Copy a sample grid: the same picture the export dialog starts with."""
        self._copied_spec = SampleGridSpec(page="slide-16:9", scale=0, caption=CAPTION_TEMPLATE)
        self.copy_wanted.emit(self._copied_spec)

    @Slot(object)
    def take_preview(self, report: GridPreviewed) -> None:
        """A drawn grid: the one wished for the clipboard goes there."""
        if report.spec is self._copied_spec:
            self._copied_spec = None
            self.grid_ready.emit(report.png)

    @Slot(object)
    def take_model(self, model: ModelChanged) -> None:
        """The model in the worker's hands, for dialogs that open later."""
        self.model = model if model.units else None

    # -- from the worker, into the log ---------------------------------------------------------

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Live settings reach a run only while there is one."""
        self._phase = phase

    @Slot(object)
    def note_data(self, data: DataLoaded) -> None:
        """What was loaded, and what is odd about it."""
        self._take_over(data.dataset)
        self._say(f"{data.title}: {data.train:,} pictures to train on, {data.validation:,} held "
                  f"out, {data.test:,} to test.")  # fmt: skip
        for note in data.notes:
            self._say(note, "warning")

    @Slot(object)
    def note_check(self, found: Preflight) -> None:
        """What the look at all pictures advises."""
        for advice in found.advice:
            self._say(f"{found.title}: {advice.sentence}", advice.level)

    @Slot(object)
    def note_start(self, run: RunStarted) -> None:
        """A run begins."""
        self._say(f"Training {run.name}: {run.parameters:,} parameters, {run.epochs} epochs of "
                  f"{run.steps_per_epoch:,} batches on {run.device} in {run.precision}. "
                  f"{run.convention}.")  # fmt: skip

    @Slot(object)
    def take_resumed(self, resumed: RunResumed) -> None:
        """A run of before goes on: the settings are its own."""
        self._adopting = True
        self._desk.reset(resumed.config)
        self._adopting = False

    @Slot(object)
    def note_disk(self, refused: DiskRefused) -> None:
        """The run waits for the disk."""
        self._say(refused.sentence, "error")

    @Slot(object)
    def note_validation(self, point: Validated) -> None:
        """Held-out numbers."""
        self._say(f"Step {point.step:,}: held-out {point} ({point.convention}).")

    @Slot(object)
    def note_checkpoint(self, saved: CheckpointSaved) -> None:
        """The run folder holds this step for good."""
        best = ", the best on held-out pictures so far" if saved.kind == "best" else ""
        self._say(f"Saved step {saved.step:,}{best}.")

    @Slot(object)
    def note_knob(self, turned: KnobTurned) -> None:
        """A live setting holds from here on."""
        value = f"{turned.value:g}" if isinstance(turned.value, float) else str(turned.value)
        self._say(f"From step {turned.step:,} on: {knob_at(turned.path).label} = {value}.")

    @Slot(object)
    def note_end(self, run: RunFinished) -> None:
        """The run is over."""
        how, number = "Stopped" if run.stopped else "Done", ""
        test: Any = run.summary.get("test")
        if test and test["nelbo"] is None:
            number = f" Test distortion {test['distortion']:.2f} ({test['convention']})."
        elif test:
            number = (f" Test NELBO {test['nelbo']:.2f} = {test['distortion']:.2f} + "
                      f"{test['rate']:.2f} ({test['convention']}).")  # fmt: skip
        seconds = run.summary["seconds"]
        self._say(f"{how} at step {run.step:,} after {seconds:,.1f} s of training.{number}")

    @Slot(object)
    def note_run_failure(self, failed: RunFailed) -> None:
        """The run ended badly."""
        self._say(failed.sentence, "error")

    @Slot(object)
    def note_failure(self, failed: RequestFailed) -> None:
        """A wish could not be granted; without new pictures the settings name the old ones."""
        if failed.wish == LOADING:
            self._places.pop(self._chosen, None)
            undone = not self._chosen and self._loaded not in ("", self._desk.config.data.dataset)
            self._chosen = ""
            if undone:
                self._name_in_settings(self._loaded)
        self._say(f"Could not {failed.wish}: {failed.sentence}", "warning")

    def _data_config(self, dataset: str) -> DataConfig:
        return with_value(self._desk.config, DATASET, dataset).data

    def _run_config(self) -> RunConfig:
        """The settings with the set that is being loaded: Train may be pressed before it is."""
        config = self._desk.config
        return with_value(config, DATASET, self._chosen) if self._chosen else config

    def _take_over(self, loaded: str) -> None:
        """The settings name what was chosen: a folder by its name, never by its path."""
        is_path = loaded.startswith("folder:") and not self._chosen.startswith("folder:")
        if self._chosen and (loaded == self._chosen or is_path):
            self._chosen = ""
            self._name_in_settings(loaded)
        self._loaded = loaded

    def _name_in_settings(self, dataset: str) -> None:
        self._adopted = dataset
        self._desk.turn(DATASET, dataset)
        self._adopted = ""

    def _say(self, sentence: str, level: str = "info") -> None:
        self.noticed.emit(NoticeGiven(level, sentence))
