"""Which two units span the map: two lists, the units that say most first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.plane import unit_label
from vae_studio.ui import theme
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.steady_inputs import ChoiceField

CLEARLY = 1.5  # the default pair moves only to units that say this many times more


class UnitPair(QWidget):
    """Signal: ``pair_chosen(int, int)``, by the person or, until then, by KL."""

    pair_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order: tuple[int, ...] = ()
        self._dead: frozenset[int] = frozenset()
        self._pair = (0, 1)
        self._by_hand = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.across, self.up = ChoiceField(self), ChoiceField(self)
        for field, name in ((self.across, "Unit across"), (self.up, "Unit up")):
            describe(field, name, f"{name}: units that tell most about the pictures come first.")
            field.activated.connect(self._take_choice)
            field.setMinimumContentsLength(4)
        row.addWidget(self.across)
        row.addWidget(QLabel("×", self))
        row.addWidget(self.up)

    @property
    def pair(self) -> tuple[int, int]:
        """The two units, from 0."""
        return self._pair

    def show_model(self, units: int) -> None:
        """A model with ``units`` units, of which nothing is known yet."""
        self._pair, self._by_hand = (0, min(1, max(0, units - 1))), False
        self._fill(tuple(range(units)), frozenset())
        self.setVisible(units > 2)

    def show_units(self, measured: UnitsMeasured) -> None:
        """Sort by KL; unless the person has chosen, take the two that say most."""
        if len(measured.kl_D) != len(self._order):
            return
        order = units_by_kl(measured.kl_D)
        dead = frozenset(int(unit) for unit in np.flatnonzero(~measured.active))
        if (order, dead) != (self._order, self._dead):
            self._fill(order, dead)
        best = order[:2]
        worth = [float(measured.kl_D[list(pair)].sum()) for pair in (best, self._pair)]
        if not self._by_hand and len(best) == 2 and worth[0] > CLEARLY * worth[1]:
            self._choose(min(best), max(best))

    def _fill(self, order: tuple[int, ...], dead: frozenset[int]) -> None:
        self._order, self._dead = order, dead
        if any(field.view().isVisible() for field in (self.across, self.up)):
            return  # never under the person's hand
        muted = QColor(theme.current().chrome.muted)
        for field, unit in zip((self.across, self.up), self._pair, strict=True):
            field.clear()
            for place, other in enumerate(order):
                unused = other in dead
                field.addItem(unit_label(other) + (" · unused" if unused else ""), other)
                if unused:
                    field.setItemData(place, muted, Qt.ItemDataRole.ForegroundRole)
            field.setCurrentIndex(field.findData(unit))

    def _choose(self, across: int, up: int) -> None:
        if (across, up) != self._pair:
            self._pair = (across, up)
            self.across.setCurrentIndex(self.across.findData(across))
            self.up.setCurrentIndex(self.up.findData(up))
            self.pair_chosen.emit(across, up)

    @Slot(int)
    def _take_choice(self, _index: int) -> None:
        self._by_hand = True
        across, up = int(self.across.currentData()), int(self.up.currentData())
        if across == up:  # the other list gives way: the two change places
            old_across, old_up = self._pair
            across, up = (old_up, up) if up != old_up else (across, old_across)
        self._choose(across, up)


def units_by_kl(kl_D: NDArray[np.float32]) -> tuple[int, ...]:
    """Units, the largest KL first; equal ones in their own order."""
    return tuple(int(unit) for unit in np.argsort(-np.nan_to_num(kl_D), kind="stable"))
