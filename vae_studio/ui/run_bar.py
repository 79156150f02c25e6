"""The toolbar: one primary button, what runs where, how far it is, and what leaves the app."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from vae_studio.domain.events import BatchesTrained, RunFinished, RunStarted
from vae_studio.domain.phase import Phase
from vae_studio.domain.reports import EngineReady
from vae_studio.ui import theme
from vae_studio.ui.actions import Actions
from vae_studio.ui.icons import icon
from vae_studio.ui.run_progress import RunProgress, duration
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe

ICON_PX = 16
BUTTON_HEIGHT_PX = 28
PRIMARY_WIDTH_PX = 98  # "Resume" fits: the button does not change its width with its word
PROGRESS_STEPS = 1_000
DEVICE_WORDS = {"cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}

#: What the primary button does in each phase, and its sign there.
PRIMARY = {
    Phase.IDLE: ("train", "play"),
    Phase.PREPARING: ("train", "play"),
    Phase.RUNNING: ("pause", "pause"),
    Phase.PAUSED: ("resume", "play"),
    Phase.DONE: ("train", "play"),
    Phase.FAILED: ("train", "play"),
}
assert set(PRIMARY) == set(Phase), "the primary button needs a wish for every phase"


class RunBar(QToolBar):
    """Shows the run's state; its buttons are the window's actions."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__("Toolbar", parent)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setVisible(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setContentsMargins(8, 4, 8, 6)
        self._actions = actions
        self._primary_action = actions["train"]
        self._progress = RunProgress()
        self._batch_size = 0
        self._phase = Phase.IDLE
        self._ended = ""
        self._engine_ready = False
        self._dirty = False
        self._build()
        self.apply_phase(Phase.IDLE)
        theme.current().changed.connect(self._retheme)

    @property
    def primary(self) -> QToolButton:
        """The one accented button."""
        return self._primary

    @property
    def sentence(self) -> str:
        """What the bar says about the run."""
        return self._words()

    @property
    def is_dirty(self) -> bool:
        """The run went on since the last frame."""
        return self._dirty

    def paint_frame(self) -> None:
        """Tell how far the run is. Called by the frame clock: the eye reads four figures a second,
        and every repaint here costs the run that it tells of."""
        self._say()

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Give the primary button its word, and say the phase."""
        self._phase = phase
        wish, sign = PRIMARY[phase]
        self._primary_action = self._actions[wish]
        self._primary.setIcon(icon(sign, "on_accent"))
        self._follow_action()
        if phase is Phase.PREPARING:
            self._progress, self._ended = RunProgress(), ""
        self._say()

    @Slot(object)
    def show_engine(self, ready: EngineReady) -> None:
        """The engine is warm; name the device an automatic choice takes."""
        self._engine_ready = True
        best = next((d for d in ("cuda", "mps", "cpu") if d in ready.devices), "cpu")
        self._device.set_full_text(DEVICE_WORDS[best])
        self._say()

    def set_batch_size(self, batch_size: int) -> None:
        """Pictures per step of the next run, for the time that is left."""
        self._batch_size = batch_size

    @Slot(object)
    def show_run(self, run: RunStarted) -> None:
        """A run begins or goes on."""
        device = DEVICE_WORDS.get(run.device.split(":")[0], run.device)
        self._device.set_full_text(f"{device} · {run.precision}")
        self._progress, self._ended = RunProgress.started(run, self._batch_size), ""
        self._say()

    @Slot(object)
    def show_progress(self, batches: BatchesTrained) -> None:
        """More batches are done; the next frame tells."""
        self._progress = self._progress.after(batches)
        self._dirty = True

    @Slot(object)
    def show_finished(self, run: RunFinished) -> None:
        """The run is over: how long it took."""
        word = "stopped" if run.stopped else "done"
        parts = [f"{word} after {run.step:,} steps"]
        if "seconds" in run.summary:
            parts.append(duration(float(run.summary["seconds"])))
        self._ended = " · ".join(parts)
        self._say()

    def _build(self) -> None:
        self._primary = QToolButton()
        self._primary.setObjectName("primary")
        self._primary.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._primary.setFixedSize(PRIMARY_WIDTH_PX, BUTTON_HEIGHT_PX)
        self._primary.clicked.connect(self._trigger_primary)
        for wish in {wish for wish, _ in PRIMARY.values()}:
            self._actions[wish].changed.connect(self._follow_action)
        self.addWidget(self._primary)
        for name in ("stop", "one_batch"):
            self._add_button(name)
        self.addSeparator()
        self._build_state()
        self.addSeparator()
        for name in ("copy_grid", "export_grid"):
            self._add_button(name)
        self._theme_button = QToolButton()
        self._theme_button.setFixedSize(BUTTON_HEIGHT_PX, BUTTON_HEIGHT_PX)
        self.addWidget(self._theme_button)
        self._theme_button.clicked.connect(self._toggle_theme)
        self._retheme()

    def _build_state(self) -> None:
        self._device = ElidedLabel("starting the engine…", muted=True)
        self._device.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._device.setAccessibleName("Device and precision")
        self._device.set_hint("Where the arithmetic runs, and in which number format.")
        self._gauge = QProgressBar()
        self._gauge.setRange(0, PROGRESS_STEPS)
        self._gauge.setTextVisible(False)
        self._gauge.setFixedWidth(160)
        describe(self._gauge, "Progress of the run", "How much of the run is done.")
        self._sentence = ElidedLabel(muted=True)
        self._sentence.setAccessibleName("State of the run")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        holder = QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(holder)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(16)
        row.addWidget(self._device)
        row.addWidget(self._gauge)
        row.addWidget(self._sentence, 1)
        self.addWidget(holder)

    def _add_button(self, name: str) -> None:
        button = QToolButton()
        button.setDefaultAction(self._actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFixedHeight(BUTTON_HEIGHT_PX)
        button.setAccessibleName(self._actions[name].text().rstrip("…"))
        self.addWidget(button)

    @Slot()
    def _follow_action(self) -> None:
        # not a default action: that would bring the action's own icon, dark on the accent
        action = self._primary_action
        text = "Preparing" if self._phase is Phase.PREPARING else action.text()
        self._primary.setText(text)
        self._primary.setAccessibleName(text)
        self._primary.setToolTip(action.toolTip())
        self._primary.setEnabled(action.isEnabled())

    @Slot()
    def _trigger_primary(self) -> None:
        self._primary_action.trigger()

    def _say(self) -> None:
        self._dirty = False
        self._gauge.setValue(round(self._progress.share * PROGRESS_STEPS))
        self._gauge.setVisible(self._progress.total_steps > 0)
        self._sentence.set_full_text(self._words())

    def _words(self) -> str:
        if self._phase is Phase.PREPARING:
            return "preparing the run…"
        if self._phase is Phase.PAUSED:
            return f"paused · {self._progress.sentence()}"
        if self._phase is Phase.RUNNING:
            return self._progress.sentence()
        if self._phase is Phase.FAILED:
            return "the run has failed; the log says why"
        return self._ended or ("ready" if self._engine_ready else "")

    @Slot()
    def _retheme(self) -> None:
        dark = theme.current().dark
        self._theme_button.setIcon(icon("sun" if dark else "moon", "text"))
        name = "Light colours" if dark else "Dark colours"
        describe(self._theme_button, name, f"Change to {name.lower()}; the View menu follows the "
                 "system again.")  # fmt: skip

    @Slot()
    def _toggle_theme(self) -> None:
        self._actions["theme_light" if theme.current().dark else "theme_dark"].trigger()
