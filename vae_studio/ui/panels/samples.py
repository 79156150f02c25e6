"""The Samples dock: decoded prior samples from fixed seeds, so that change is the model's."""

from __future__ import annotations

import random

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from vae_studio.domain.reports import ModelChanged, Sampled
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.picture_view import PictureView

COUNT, COLUMNS = 32, 8
MOST_SEED = 9999
TENTHS = (1, 15)  # temperature 0.1 to 1.5
EMPTY = "Train, or open a run, to see what the model dreams up."


class SamplesPanel(FramePanel):
    """Signal: ``samples_wanted(int, int, float)``: how many, seed, temperature."""

    title = "Samples"
    icon = "grid-3x3"
    samples_wanted = Signal(int, int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._newest: Sampled | None = None
        self._has_model = False
        self._seed = 0
        self.pictures = PictureView(self, name="Decoded prior samples")
        self.pictures.set_empty_text(EMPTY)
        self.temperature = QSlider(Qt.Orientation.Horizontal, self)
        self.dice = QToolButton(self)
        self._value = QLabel("1.0", self)
        self._lay_out()

    @property
    def seed(self) -> int:
        """The seed of the samples shown."""
        return self._seed

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """Ask the new model for samples of the same seed."""
        self._newest, self._has_model = None, model.units > 0
        height, width = model.shape[1:]
        self.pictures.set_pictures(np.zeros((0, height, width, model.shape[0]), np.uint8))
        self.pictures.reserve(COUNT, (height, width), COLUMNS)
        for control in (self.temperature, self.dice):
            control.setEnabled(self._has_model)
        self.tell_status("")
        self._ask()

    @Slot(object)
    def show_samples(self, sampled: Sampled) -> None:
        """Newer pictures of the same codes."""
        self._newest = sampled
        self.mark_dirty()

    def refresh(self) -> None:
        """Draw the newest samples."""
        newest = self._newest
        if newest is None:
            return
        captions = tuple(
            f"Sample {index + 1} of seed {self._seed}, temperature {newest.temperature:.1f}."
            for index in range(len(newest.pictures))
        )
        self.pictures.set_pictures(newest.pictures, COLUMNS, captions)
        self.tell_status(f"seed {self._seed} · step {axis.number(newest.step, 0)}")

    def _lay_out(self) -> None:
        self.temperature.setRange(*TENTHS)
        self.temperature.setValue(10)
        describe(
            self.temperature, "Temperature",
            "Multiplies the prior's spread: 1 is the prior itself, less stays near its middle.",
        )  # fmt: skip
        self.temperature.valueChanged.connect(self._take_temperature)
        self.dice.setProperty("flat", True)
        self.dice.setIcon(icon("dices"))
        describe(self.dice, "Other samples", "Roll another seed.")
        self.dice.clicked.connect(self._roll)
        label = QLabel("Temperature", self)
        label.setProperty("muted", True)
        label.setBuddy(self.temperature)
        self._value.setFixedWidth(24)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.temperature, 1)
        row.addWidget(self._value)
        row.addWidget(self.dice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.pictures, 1)
        column.addLayout(row)
        for control in (self.temperature, self.dice):
            control.setEnabled(False)

    def _ask(self) -> None:
        if self._has_model:
            self.samples_wanted.emit(COUNT, self._seed, self.temperature.value() / 10)

    @Slot(int)
    def _take_temperature(self, tenths: int) -> None:
        self._value.setText(f"{tenths / 10:.1f}")
        self._ask()

    @Slot()
    def _roll(self) -> None:
        self._seed = random.randint(1, MOST_SEED)
        self._ask()
