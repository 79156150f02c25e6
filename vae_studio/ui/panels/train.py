"""How long, how fast, where; and the run's own buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import BatchesTrained, RunStarted
from vae_studio.domain.phase import GRANTED, Phase
from vae_studio.domain.presets import presets
from vae_studio.domain.reports import DataLoaded, EngineReady
from vae_studio.ui.icons import icon
from vae_studio.ui.run_progress import RunProgress, duration
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.knob_form import Catalogs, KnobForm
from vae_studio.ui.widgets.preset_picker import PresetPicker

PROGRESS_STEPS = 1_000
RUN_WISHES = ("train", "pause", "resume")  # they share one place: only one makes sense at a time


class TrainPanel(QWidget):
    """Signals, each a wish: ``run_requested``, ``pause_requested``, ``resume_requested``,
    ``stop_requested``, ``one_batch_requested``; ``preset_chosen(str name)``;
    ``knob_changed(str path, object value)``; ``status_changed(str)``."""

    title = "Train"
    icon = "activity"
    run_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    one_batch_requested = Signal()
    preset_chosen = Signal(str)
    knob_changed = Signal(str, object)
    status_changed = Signal(str)

    def __init__(self, catalogs: Catalogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = KnobForm(["train"], catalogs)
        self.form.knob_changed.connect(self._take)
        self.presets = PresetPicker(tuple(presets().values()))
        self.presets.preset_chosen.connect(self.preset_chosen)
        self._phase = Phase.IDLE
        self._progress = RunProgress()
        self._pictures = 0
        self._engine_ready = False
        self._dirty = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.presets)
        layout.addWidget(self.form)
        layout.addStretch()
        foot = QVBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self._make_gauge())
        foot.addLayout(self._make_buttons())
        layout.addLayout(foot)
        self.apply_phase(Phase.IDLE)

    @Slot(object)
    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self.form.show_config(config)
        self.presets.show_config(config)
        self._say()

    @Slot(object)
    def show_engine(self, ready: EngineReady) -> None:
        """Grey the devices this machine does not have."""
        self._engine_ready = True
        self.form.editor("train.device").allow_choices(
            {"auto", *ready.devices}, "Not on this machine."
        )
        self.apply_phase(self._phase)

    @Slot(object)
    def show_data(self, data: DataLoaded) -> None:
        """The number of pictures tells how many steps an epoch has."""
        self._pictures = data.train
        self.apply_phase(self._phase)

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Offer what this phase can grant."""
        self._phase = phase
        self.form.apply_phase(phase)
        self.presets.apply_phase(phase)
        if phase is Phase.PREPARING:
            self._progress = RunProgress()
        ready = self._engine_ready and self._pictures > 0
        granted = GRANTED[phase]
        for wish, button in self._buttons.items():
            needs_more = wish in ("train", "one_batch") and not ready
            button.setEnabled(wish in granted and not needs_more)
        for wish, shown in _shown_run_button(phase).items():
            self._buttons[wish].setVisible(shown)
        self._say()

    @Slot(object)
    def show_run(self, run: RunStarted) -> None:
        """A run begins or goes on."""
        self._progress = RunProgress.started(run, self.form.config.train.batch_size)
        self._say()

    @Slot(object)
    def show_progress(self, batches: BatchesTrained) -> None:
        """More batches are done; the next frame tells."""
        self._progress = self._progress.after(batches)
        self._dirty = True

    @property
    def is_dirty(self) -> bool:
        """The run went on since the last frame."""
        return self._dirty

    def paint_frame(self) -> None:
        """Tell how far the run is; called by the frame clock."""
        self._say()

    def _make_gauge(self) -> QProgressBar:
        self._gauge = QProgressBar()
        self._gauge.setRange(0, PROGRESS_STEPS)
        self._gauge.setTextVisible(False)
        describe(self._gauge, "Progress of the run", "How much of the run is done.")
        return self._gauge

    def _make_buttons(self) -> QHBoxLayout:
        parts = (
            ("train", "play", "Train", self.run_requested, "Start a run with these settings."),
            ("pause", "pause", "Pause", self.pause_requested, "Hold the run between two batches."),
            ("resume", "play", "Resume", self.resume_requested, "Go on where it was paused."),
            ("stop", "square", "Stop", self.stop_requested, "End the run now and save it."),
            ("one_batch", "step-forward", "One batch", self.one_batch_requested,
             "Train on a single batch, then pause and look."),
        )  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(4)
        self._buttons: dict[str, QToolButton] = {}
        for wish, sign, text, signal, help_text in parts:
            button = self._make_button(sign, text, help_text, wide=wish in RUN_WISHES)
            button.clicked.connect(signal)
            row.addWidget(button)
            self._buttons[wish] = button
        return row

    def _make_button(self, sign: str, text: str, help_text: str, *, wide: bool) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setIconSize(QSize(14, 14))
        button.setText(text)
        describe(button, text, f"{text}. {help_text}")
        if wide:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    @Slot(str, object)
    def _take(self, path: str, value: object) -> None:
        self._say()
        self.knob_changed.emit(path, value)

    @property
    def status(self) -> str:
        """The muted sentence of the title bar."""
        return self._words()

    def _say(self) -> None:
        self._dirty = False
        self._gauge.setValue(round(self._progress.share * PROGRESS_STEPS))
        self.status_changed.emit(self.status)

    def _words(self) -> str:
        if self._phase is Phase.RUNNING and self._progress.seconds_left is not None:
            return f"{duration(self._progress.seconds_left)} left"
        if self._phase is not Phase.IDLE and self._phase is not Phase.DONE:
            return self._phase.value
        if not self._pictures:
            return ""
        train = self.form.config.train
        steps = -(-self._pictures // train.batch_size) * train.epochs
        return f"{steps:,} steps"


def _shown_run_button(phase: Phase) -> dict[str, bool]:
    shown = {Phase.RUNNING: "pause", Phase.PAUSED: "resume"}.get(phase, "train")
    return {wish: wish == shown for wish in RUN_WISHES}
