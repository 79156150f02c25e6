"""The Units dock: how much each unit of the code says, in nats."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.reports import ModelChanged
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.unit_bars import UnitBars

EMPTY = "Train, or open a run, to see which units carry information."


class UnitsPanel(FramePanel):
    """Bars of KL per unit and how many units are active."""

    title = "Units"
    icon = "chart-bar"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._newest: UnitsMeasured | None = None
        self.bars = UnitBars(self)
        self.bars.set_empty_text(EMPTY)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars)

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """Nothing is measured yet."""
        self._newest = None
        self.bars.show_units(None)
        self.tell_status(f"{model.units} units" if model.units else "")

    @Slot(object)
    def show_units(self, measured: UnitsMeasured) -> None:
        """Newer measurements."""
        self._newest = measured
        self.mark_dirty()

    def refresh(self) -> None:
        """Draw the newest measurements."""
        newest = self._newest
        if newest is not None:
            self.bars.show_units(newest)
            self.tell_status(f"{int(newest.active.sum())} of {len(newest.kl_D)} active")
        self.bars.update()
