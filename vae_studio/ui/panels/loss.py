"""The Loss dock: every batch of the run, validation, schedules, and the exact numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from vae_studio.domain.events import BatchesTrained, RunStarted, Validated
from vae_studio.domain.history import MetricHistory
from vae_studio.domain.reports import RunResumed
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.legend import LegendItem, LegendRow
from vae_studio.ui.widgets.loss_plot import VALIDATION, LossPlot
from vae_studio.ui.widgets.loss_scene import CURVES, Curve

MOST_WAITING = 40  # chunks, some seconds of a run
RECENT = 50  # batches behind the number in the legend: a single batch says little
EMPTY = "Train, and every batch draws its loss here."


class LossPanel(FramePanel):
    """Owns the curves of the current run (``history``)."""

    title = "Loss"
    icon = "activity"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = MetricHistory()
        self._waiting: list[BatchesTrained] = []
        self.plot = LossPlot(self._history, self)
        self.plot.set_empty_text(EMPTY)
        self._step: int | None = None
        self._legend: dict[str, LegendItem] = {}
        self._lay_out()
        self.plot.step_hovered.connect(self._show_step)
        self.plot.mode_changed.connect(self._show_mode)

    @property
    def history(self) -> MetricHistory:
        """Every batch that was told so far."""
        self._take_in()
        return self._history

    @Slot(object)
    def start_run(self, run: RunStarted) -> None:
        """Forget the last run's curves."""
        self._history, self._waiting = MetricHistory(), []
        self.plot.set_history(self._history, run.total_steps)
        self.tell_status(f"{run.convention} at evaluation")
        self.mark_dirty()

    @Slot(object)
    def append_batches(self, batches: BatchesTrained) -> None:
        """Keep the losses of consecutive batches; they enter the curves with the next frame."""
        self._waiting.append(batches)
        if len(self._waiting) >= MOST_WAITING:  # nobody looks: no frame will come soon
            self._take_in()
        self.mark_dirty()

    @Slot(object)
    def append_validation(self, validated: Validated) -> None:
        """Keep a point measured on held-out images, at β = 1."""
        values = {
            "total": validated.nelbo,
            "reconstruction": validated.distortion,
            "kl": validated.rate,
        }
        self.history.append_validation(validated.step, values)
        self.mark_dirty()

    @Slot(object)
    def show_past(self, resumed: RunResumed) -> None:
        """The curves of a run that goes on begin where it began."""
        for event in resumed.past:
            if isinstance(event, Validated):
                self.append_validation(event)
            else:
                self.append_batches(event)

    def refresh(self) -> None:
        """Draw the curves and the numbers of now."""
        self._take_in()
        self.plot.refresh()
        self._show_numbers()

    def legend_item(self, name: str) -> LegendItem:
        """The switch of one series."""
        return self._legend[name]

    def _take_in(self) -> None:
        """A chunk costs what it costs however long it is, so those of a frame go in as one."""
        waiting, self._waiting = self._waiting, []
        for first_step, values in _joined(waiting):
            self._history.append(first_step, values)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._make_legend(), 1)
        self.log_button = self._make_switch("log", "Logarithmic values", self.plot.set_log)
        self.follow_button = self._make_switch(
            "follow", "Keep the newest step in view (End); Home fits everything",
            self.plot.set_following,
        )  # fmt: skip
        self.follow_button.setChecked(True)
        row.addWidget(self.log_button)
        row.addWidget(self.follow_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        column.addLayout(row)

    def _make_legend(self) -> LegendRow:
        legend = LegendRow(self)
        for curve in CURVES:
            item = LegendItem(curve.name, curve.label, role=curve.role, swatch="line")
            item.setChecked(curve.name in self.plot.shown)
            item.shown_changed.connect(self._show_series)
            item.setToolTip(_legend_help(curve))
            self._legend[curve.name] = legend.add(item)
        points = LegendItem(VALIDATION, VALIDATION, role="text", swatch="ring")
        points.setToolTip(
            "Reconstruction + KL at β = 1 on held-out pictures. Click to show or hide."
        )
        points.shown_changed.connect(self.plot.set_shown)
        self._legend[VALIDATION] = legend.add(points)
        return legend

    def _make_switch(self, text: str, tip: str, switch: Callable[[bool], None]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("flat", True)
        button.clicked.connect(switch)  # clicked, not toggled: only the person's wish
        return button

    def _show_numbers(self) -> None:
        for curve in CURVES:
            self._legend[curve.name].set_value(self._number(curve))
        totals = self.history.validation.get("total")
        self._legend[VALIDATION].set_value(axis.number(totals[-1], 1) if totals else "")

    def _number(self, curve: Curve) -> str:
        series = self.history.series(curve.name)
        if not len(series) or curve.name not in self.plot.shown:
            return ""
        step = len(series) - 1 if self._step is None else self._step
        if self._step is not None or curve.below:
            values = series.values(step, step + 1)
            return axis.short(float(values[0])) if len(values) else ""
        recent = series.values(max(0, len(series) - RECENT))
        recent = recent[np.isfinite(recent)]
        return axis.number(float(recent.mean()), 1) if len(recent) else "–"

    @Slot(str, bool)
    def _show_series(self, name: str, shown: bool) -> None:
        self.plot.set_shown(name, shown)
        self._show_numbers()

    @Slot(object)
    def _show_step(self, step: int | None) -> None:
        self._step = step
        self._show_numbers()

    @Slot(str)
    def _show_mode(self, mode: str) -> None:
        self.follow_button.setChecked(mode != "free")


def _joined(chunks: list[BatchesTrained]) -> list[tuple[int, dict[str, NDArray[np.float32]]]]:
    """Chunks that follow one another and tell the same series, made one; each (first step, series
    by name)."""
    runs: list[tuple[int, list[dict[str, NDArray[np.float32]]]]] = []
    next_step = -1
    for chunk in chunks:
        series = _series(chunk)
        if chunk.first_step == next_step and runs and runs[-1][1][-1].keys() == series.keys():
            runs[-1][1].append(series)
        else:
            runs.append((chunk.first_step, [series]))
        next_step = chunk.last_step + 1
    return [
        (first, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
        for first, parts in runs
    ]


def _series(batches: BatchesTrained) -> dict[str, NDArray[np.float32]]:
    return {
        "total": batches.loss,
        "reconstruction": batches.distortion,
        "kl": batches.rate,
        "beta": batches.beta,
        "learning_rate": batches.learning_rate,
        **batches.extra,
    }


def _legend_help(curve: Curve) -> str:
    unit = f" In {curve.unit}; mean of the last {RECENT} batches." if curve.unit else ""
    return f"{curve.help}{unit} Click to show or hide."
