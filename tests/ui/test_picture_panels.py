"""Decoded, Reconstructions, Samples and Units: what they show, say and ask for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.reports import (
    CodeDecoded,
    CodesEncoded,
    ModelChanged,
    Reconstructed,
    Sampled,
)
from vae_studio.ui.panels.decoded import DecodedPanel, code_words
from vae_studio.ui.panels.reconstructions import ReconstructionsPanel
from vae_studio.ui.panels.samples import COUNT, SamplesPanel
from vae_studio.ui.panels.units import UnitsPanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
MODEL = ModelChanged(2, (1, 28, 28), tuple("abcdefghij"), "", "", "", 0)
NO_MODEL = ModelChanged(0, (1, 28, 28), (), "", "", "", 0)


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28, 1)).astype(np.uint8)


def opened(qtbot, panel, width: int = 300, height: int = 220):
    qtbot.addWidget(panel)
    panel.resize(width, height)
    panel.show()
    return panel


def test_that_the_decoded_picture_does_not_wait_for_a_frame(qtbot) -> None:
    panel = opened(qtbot, DecodedPanel())
    panel.show_model(MODEL)
    codes = np.array([[0.7, -0.5], [3, 3]], np.float32)
    panel.show_codes(CodesEncoded(codes, codes * 0 + 0.1, np.array([9, 1]), 1))
    picture = pictures(1)[0]
    panel.show_decoded(CodeDecoded(np.array([0.76, -0.47], np.float32), picture, 1200))
    assert np.array_equal(panel.picture.pictures[0], picture)
    assert panel.nearest.text() == ""  # words would lay the dock out anew at every move of a drag
    panel.paint_frame()
    assert panel.nearest.text() == "nearest: j"
    assert panel.code.text() == "z = (0.76, −0.47)"
    assert panel.status == "at the cursor · step 1,200"


@pytest.mark.parametrize("width", [150, 220, 280, 420])
def test_that_words_never_run_out_of_the_panel(qtbot, width: int) -> None:
    panel = opened(qtbot, DecodedPanel(), width, 320)
    panel.show_model(MODEL)
    codes = np.random.default_rng(0).normal(size=(20, 40)).astype(np.float32)
    panel.show_codes(CodesEncoded(codes, codes * 0 + 0.1, np.arange(20) % 10, 1))
    panel.show_decoded(CodeDecoded(codes[3], pictures(1)[0], 5))
    panel.paint_frame()
    panel.layout().activate()
    for label in (panel.nearest, panel.code, panel.distance):
        right = label.mapTo(panel, label.rect().topRight()).x()
        assert right <= panel.width()
        assert label.height() >= label.heightForWidth(label.width())


def test_that_a_long_code_is_shortened_in_words() -> None:
    assert code_words(np.array([0.5], np.float32)) == "z = 0.50"
    code = np.array([0, 0.1, 0, -2, 0, 0.5], np.float32)
    assert code_words(code) == "z₂ 0.10, z₄ −2.00, z₆ 0.50, all others 0"
    assert code_words(code + 1).endswith(", 3 more")


def test_that_copying_the_decoded_picture_is_told(qtbot) -> None:
    panel = opened(qtbot, DecodedPanel())
    panel.show_decoded(CodeDecoded(np.zeros(2, np.float32), pictures(1)[0], 1))
    with qtbot.waitSignal(panel.copy_requested):
        QTest.keyClick(panel.picture, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def test_that_reconstructions_lie_below_their_originals(qtbot) -> None:
    panel = opened(qtbot, ReconstructionsPanel())
    panel.show_model(MODEL)
    originals, back = pictures(8), 255 - pictures(8)
    panel.show_reconstructions(Reconstructed(originals, back, 7))
    panel.paint_frame()
    shown = panel.pictures.pictures
    assert np.array_equal(shown[:, :28], originals)
    assert np.array_equal(shown[:, 28:], back)
    assert panel.status == "original above"


def test_that_another_model_clears_the_last_ones_pictures(qtbot) -> None:
    panel = opened(qtbot, ReconstructionsPanel())
    panel.show_reconstructions(Reconstructed(pictures(8), pictures(8), 7))
    panel.paint_frame()
    panel.show_model(MODEL)
    panel.paint_frame()
    assert len(panel.pictures.pictures) == 0


def test_that_samples_are_asked_for_by_seed_and_temperature(qtbot) -> None:
    panel = opened(qtbot, SamplesPanel())
    with qtbot.waitSignal(panel.samples_wanted) as wanted:
        panel.show_model(MODEL)
    assert wanted.args == [COUNT, 0, 1.0]
    with qtbot.waitSignal(panel.samples_wanted) as wanted:
        panel.temperature.setValue(5)
    assert wanted.args == [COUNT, 0, 0.5]
    with qtbot.waitSignal(panel.samples_wanted) as wanted:
        QTest.mouseClick(panel.dice, Qt.MouseButton.LeftButton)
    assert wanted.args[1] == panel.seed > 0
    panel.show_samples(Sampled(pictures(COUNT), 30, 0.5))
    panel.paint_frame()
    assert panel.status == f"seed {panel.seed} · step 30"


def test_that_no_samples_are_asked_of_no_model(qtbot) -> None:
    panel = opened(qtbot, SamplesPanel())
    with qtbot.assertNotEmitted(panel.samples_wanted):
        panel.show_model(NO_MODEL)
    assert not panel.dice.isEnabled()
    panel.grab()


def measured(units: int) -> UnitsMeasured:
    kl_D = np.linspace(0.001, 3, units).astype(np.float32)
    variance_D = np.where(kl_D > 0.2, 0.8, 0.001).astype(np.float32)
    return UnitsMeasured(1, kl_D, variance_D, np.full(units, 0.4, np.float32), 100)


@pytest.mark.parametrize(("units", "rows"), [(2, True), (12, True), (128, False)])
def test_that_units_are_sorted_and_fit_at_any_number(qtbot, units: int, rows: bool) -> None:
    panel = opened(qtbot, UnitsPanel(), 260, 200)
    panel.show_units(measured(units))
    panel.paint_frame()
    bars = panel.bars
    assert bars.order == tuple(range(units - 1, -1, -1))
    assert bars.in_rows is rows
    last = bars.bar(units - 1)
    assert last.right() <= bars.width() + 0.01
    assert last.bottom() <= bars.height() + 0.01
    active = int(measured(units).active.sum())
    assert panel.status == f"{active} of {units} active"
    panel.grab()


def test_that_a_bar_tells_everything_measured(qtbot) -> None:
    panel = opened(qtbot, UnitsPanel(), 260, 200)
    panel.show_units(measured(2))
    panel.paint_frame()
    assert panel.bars.unit_at(QPointF(60, 5)) == 1
    assert panel.bars.words(1) == "z₂ · KL 3 nats · σ 0.4 · Var of the mean 0.8"
    assert "unused" in panel.bars.words(0)


def test_that_a_broken_measurement_is_drawn_as_nothing(qtbot) -> None:
    panel = opened(qtbot, UnitsPanel(), 260, 200)
    nothing = np.full(3, np.nan, np.float32)
    panel.show_units(UnitsMeasured(1, nothing, nothing, nothing, 100))
    panel.paint_frame()
    panel.grab()
    assert panel.status == "0 of 3 active"


@pytest.mark.parametrize("make", [DecodedPanel, ReconstructionsPanel, SamplesPanel, UnitsPanel])
def test_that_every_panel_says_what_to_do_while_it_is_empty(qtbot, make) -> None:
    panel = opened(qtbot, make())
    blank = panel.grab().toImage()
    first = blank.pixelColor(0, 0)
    width, height = blank.width(), blank.height()
    assert any(
        blank.pixelColor(x, y) != first for x in range(0, width, 2) for y in range(0, height, 2)
    )
