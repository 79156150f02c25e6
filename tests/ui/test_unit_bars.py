"""The scale beside the columns can be read."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from vae_studio.domain.events import UnitsMeasured
from vae_studio.ui.widgets.unit_bars import MARK_GAP_PX, NAME_PX, UnitBars


@pytest.mark.parametrize("top", [0.01, 0.26, 0.9, 1.4, 2.2, 6.0, 37.0, 420.0])
def test_that_no_number_of_the_scale_is_cut_off(qtbot, top: float) -> None:
    bars = UnitBars()
    qtbot.addWidget(bars)
    kl_D = np.linspace(top, 0, 128, dtype=np.float32)
    bars.show_units(UnitsMeasured(1, kl_D, kl_D, kl_D, 2000))
    metrics = QFontMetricsF(bars.font())
    for _, text in bars.marks():
        assert metrics.horizontalAdvance(text) <= NAME_PX - MARK_GAP_PX
    assert len({text for _, text in bars.marks()}) == len(bars.marks())
