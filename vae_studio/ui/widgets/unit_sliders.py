"""A slider for every unit that is not an axis of the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.plane import unit_label
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.unit_pair import units_by_kl

SLIDER_STEPS = 300
REACH = 3.0  # times the spread of all codes along the unit


class UnitSlider(QWidget):
    """One unit's value between ± ``reach``. Signal: ``moved()`` by the person."""

    moved = Signal()

    def __init__(self, unit: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.unit, self.reach = unit, REACH
        self._name, self._text = QLabel(unit_label(unit), self), QLabel("0.00", self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(-SLIDER_STEPS, SLIDER_STEPS)
        self.slider.setPageStep(SLIDER_STEPS // 10)
        self.slider.setAccessibleName(f"Value of unit {unit_label(unit)}")
        self.slider.valueChanged.connect(self._tell)
        self._name.setFixedWidth(30)
        self._text.setFixedWidth(40)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self._name, self.slider, self._text):
            row.addWidget(widget)

    @property
    def value(self) -> float:
        """Where the unit stands."""
        return self.slider.value() / SLIDER_STEPS * self.reach

    def show_measured(self, kl: float, spread: float, *, active: bool) -> None:
        """Reach as far as the codes do; mute a unit that says nothing. The value stays."""
        if self.slider.value() == 0:
            self.reach = REACH * max(spread, 0.05)
        for label in (self._name, self._text):
            if label.property("muted") != (not active):
                label.setProperty("muted", not active)
                label.style().polish(label)
        state = f"KL {axis.short(kl)} nats" if active else f"unused: KL {axis.short(kl)} nats"
        self.setToolTip(f"{unit_label(self.unit)} · {state} · reaches ±{axis.short(self.reach)}")

    @Slot(int)
    def _tell(self, _place: int) -> None:
        self._text.setText(axis.number(self.value, 2))
        self.moved.emit()


class UnitSliders(QWidget):
    """The sliders, sorted by KL, in a strip that scrolls. Signal: ``values_changed()``."""

    values_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[UnitSlider] = []
        self._axes: tuple[int, int] = (0, 1)
        self._order: tuple[int, ...] = ()
        self._resetting = False
        self._inside = QWidget()
        self._inside.setObjectName("scrolled")
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._inside)
        self.reset_button = QPushButton("Reset to 0", self)
        self.reset_button.setToolTip("All other units back to 0, the middle of the prior.")
        self.reset_button.clicked.connect(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(area, 1)
        column.addWidget(self.reset_button)
        self.setAccessibleName("Values of the other units")

    @property
    def order(self) -> tuple[int, ...]:
        """Units from the largest KL to the smallest, once they were measured."""
        return self._order

    def row(self, unit: int) -> UnitSlider:
        """The slider of a unit."""
        return self._rows[unit]

    def show_model(self, units: int) -> None:
        """New sliders, all at 0."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [UnitSlider(unit, self._inside) for unit in range(units if units > 2 else 0)]
        self._order = ()
        for place, row in enumerate(self._rows):
            row.moved.connect(self._tell)
            self._column.insertWidget(place, row)
        self.set_axes(0, 1)

    def set_axes(self, across: int, up: int) -> None:
        """The two units of the map need no slider."""
        self._axes = (across, up)
        for row in self._rows:
            row.setVisible(row.unit not in self._axes)

    def show_units(self, measured: UnitsMeasured) -> None:
        """Sort by KL and adapt ranges, unless the pointer is at work here."""
        if len(measured.kl_D) != len(self._rows) or self._inside.underMouse():
            return
        spread_D = np.sqrt(measured.mean_variance_D + measured.sigma_D**2)
        for row in self._rows:
            row.show_measured(
                float(measured.kl_D[row.unit]), float(spread_D[row.unit]),
                active=bool(measured.active[row.unit]),
            )  # fmt: skip
        order = units_by_kl(measured.kl_D)
        if order != self._order:
            self._order = order
            for place, unit in enumerate(order):
                self._column.insertWidget(place, self._rows[unit])

    def values(self, units: int) -> NDArray[np.float32]:
        """The value of every unit (D,); 0 for the map's own."""
        values_D = np.zeros(units, np.float32)
        for row in self._rows[:units]:
            values_D[row.unit] = row.value
        return values_D

    @Slot()
    def reset(self) -> None:
        """All back to 0, told once."""
        self._resetting = True
        for row in self._rows:
            row.slider.setValue(0)
        self._resetting = False
        self.values_changed.emit()

    @Slot()
    def _tell(self) -> None:
        if not self._resetting:
            self.values_changed.emit()

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(220, 200)
