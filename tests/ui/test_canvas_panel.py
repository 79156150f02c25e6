"""The canvas dock: which slice, which layers, what it says about itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.reports import CodeDecoded, CodesEncoded, ModelChanged, TilesDecoded
from vae_studio.ui.panels.canvas import CanvasPanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def model(units: int, classes: int = 10) -> ModelChanged:
    names = tuple(f"class {label}" for label in range(classes))
    return ModelChanged(units, (1, 28, 28), names, "", "grey-BCE", "run", 0)


def measured(kl: list[float]) -> UnitsMeasured:
    kl_D = np.array(kl, np.float32)
    variance_D = np.where(kl_D > 0.05, 0.9, 0.001).astype(np.float32)
    return UnitsMeasured(10, kl_D, variance_D, np.full(len(kl), 0.3, np.float32), 100)


@pytest.fixture
def panel(qtbot) -> CanvasPanel:
    made = CanvasPanel()
    qtbot.addWidget(made)
    made.resize(800, 460)
    made.show()
    return made


def test_that_two_units_need_neither_lists_nor_sliders(panel: CanvasPanel) -> None:
    panel.show_model(model(2))
    assert not panel.pair.isVisible()
    assert not panel.others_button.isVisible()
    assert panel.status == "z₁ × z₂ · equal scale"
    assert len(panel.legend.items) == 10


def test_that_the_bundled_example_is_called_so(panel: CanvasPanel) -> None:
    panel.show_model(replace(model(2), origin="bundled example", step=20))
    assert panel.status == "z₁ × z₂ · equal scale · step 20 · bundled example"
    panel.show_model(replace(model(2), origin="run fashion"))
    assert panel.status == "z₁ × z₂ · equal scale"


def test_that_the_first_points_are_all_in_view_unless_somebody_looks_elsewhere(
    panel: CanvasPanel,
) -> None:
    mean_ND = np.random.default_rng(0).uniform(-6, 6, (500, 2)).astype(np.float32)
    codes = CodesEncoded(mean_ND, np.ones_like(mean_ND), np.zeros(500, np.int64), 1)
    panel.show_model(model(2))
    panel.resize(800, 430)
    panel.canvas.show_codes(codes)
    left, right, bottom, top = panel.canvas.view.extent
    assert left < -5.9 < 5.9 < right
    assert bottom < -5.9 < 5.9 < top
    panel.show_model(model(2))
    panel.canvas.zoom(1.25)
    elsewhere = panel.canvas.view
    panel.canvas.show_codes(codes)
    assert panel.canvas.view == elsewhere


def test_that_the_two_units_that_say_most_are_shown_first(qtbot, panel: CanvasPanel) -> None:
    panel.show_model(model(6))
    panel.show_units(measured([0.01, 0.2, 3.0, 0.1, 2.0, 0.02]))
    with qtbot.waitSignal(panel.tiles_wanted) as wanted:
        panel.paint_frame()
    assert wanted.args[0].plane.labels == ("z₃", "z₅")
    assert panel.status == "slice z₃ × z₅ · points projected"
    assert panel.pair.across.itemText(0) == "z₃"
    assert panel.pair.across.itemText(5).endswith("unused")


def test_that_a_chosen_pair_stays_whatever_is_measured(qtbot, panel: CanvasPanel) -> None:
    panel.show_model(model(4))
    panel.pair.up.setCurrentIndex(3)
    panel.pair.up.activated.emit(3)
    assert panel.pair.pair == (0, 3)
    panel.show_units(measured([0.1, 5.0, 4.0, 0.1]))
    panel.paint_frame()
    assert panel.pair.pair == (0, 3)


def test_that_choosing_the_same_unit_twice_swaps_the_axes(panel: CanvasPanel) -> None:
    panel.show_model(model(4))
    panel.pair.across.setCurrentIndex(1)
    panel.pair.across.activated.emit(1)
    assert panel.pair.pair == (1, 0)


def test_that_a_slider_moves_the_slice_and_reset_brings_it_back(qtbot, panel: CanvasPanel) -> None:
    panel.show_model(model(5))
    QTest.mouseClick(panel.others_button, Qt.MouseButton.LeftButton)
    assert panel.sliders.isVisible()
    third = panel.sliders.row(2)
    with qtbot.waitSignal(panel.code_chosen) as chosen:
        third.slider.setValue(150)
    assert chosen.args[0] == pytest.approx([0, 0, 1.5, 0, 0])
    with qtbot.waitSignal(panel.code_chosen) as chosen:
        QTest.mouseClick(panel.sliders.reset_button, Qt.MouseButton.LeftButton)
    assert chosen.args[0] == pytest.approx(np.zeros(5))


def test_that_sliders_are_sorted_by_kl_and_reach_as_far_as_the_codes(panel: CanvasPanel) -> None:
    panel.show_model(model(4))
    panel.show_units(measured([0.01, 0.4, 3.0, 2.0]))
    panel.paint_frame()
    QTest.mouseClick(panel.others_button, Qt.MouseButton.LeftButton)
    assert panel.sliders.order == (2, 3, 1, 0)
    assert panel.sliders.row(1).reach == pytest.approx(3 * np.sqrt(0.9 + 0.09), rel=1e-3)
    assert not panel.sliders.row(2).isVisibleTo(panel.sliders)


def test_that_reports_wait_for_a_frame(panel: CanvasPanel) -> None:
    panel.show_model(model(2))
    panel.paint_frame()
    codes = np.zeros((10, 2), np.float32)
    panel.show_codes(CodesEncoded(codes, codes + 0.1, np.arange(10), 40))
    panel.show_tiles(TilesDecoded((-3, 3, -3, 3), 1, 1, np.zeros((28, 28, 1), np.uint8), 40))
    assert panel.is_dirty
    assert len(panel.canvas.layers.uv_N2) == 0
    panel.paint_frame()
    assert not panel.is_dirty
    assert len(panel.canvas.layers.uv_N2) == 10
    assert panel.status.endswith("step 40")


def test_that_the_decoded_picture_learns_along_with_the_map(qtbot, panel: CanvasPanel) -> None:
    with qtbot.waitSignal(panel.code_chosen):
        panel.show_model(model(2))
    mosaic = np.zeros((28, 28, 1), np.uint8)
    panel.show_tiles(TilesDecoded((-3, 3, -3, 3), 1, 1, mosaic, 40))
    with qtbot.waitSignal(panel.code_chosen) as chosen:
        panel.paint_frame()
    panel.show_decoded(CodeDecoded(chosen.args[0], mosaic, 40))
    panel.show_tiles(TilesDecoded((-3, 3, -3, 3), 1, 1, mosaic, 40))
    with qtbot.assertNotEmitted(panel.code_chosen, wait=20):
        panel.paint_frame()


def test_that_the_legend_hides_classes(panel: CanvasPanel) -> None:
    panel.show_model(model(2))
    QTest.mouseClick(panel.legend.items[4], Qt.MouseButton.LeftButton)
    assert panel.canvas.layers.hidden == {4}


def test_that_too_many_classes_have_no_legend(panel: CanvasPanel) -> None:
    panel.show_model(model(2, classes=60))
    assert not panel.legend.items


def test_that_layers_and_opacity_follow_their_controls(panel: CanvasPanel) -> None:
    panel.show_model(model(2))
    QTest.mouseClick(panel.layer_choice.button("points"), Qt.MouseButton.LeftButton)
    assert panel.canvas.layers.shown == "points"
    panel.opacity.setValue(25)
    assert panel.canvas.layers.opacity == 0.25


def test_that_no_model_leaves_a_map_that_says_what_to_do(panel: CanvasPanel) -> None:
    panel.show_model(model(2))
    panel.show_model(ModelChanged(0, (1, 28, 28), (), "", "", "", 0))
    assert panel.canvas.plane is None
    assert not panel.controls.isEnabled()
    assert panel.status == "no model yet"
    panel.grab()


def test_that_one_hundred_and_twenty_eight_units_fit(panel: CanvasPanel) -> None:
    panel.show_model(model(128))
    QTest.mouseClick(panel.others_button, Qt.MouseButton.LeftButton)
    panel.show_units(measured([5 / (unit + 1) for unit in range(128)]))
    panel.paint_frame()
    assert panel.height() == 460
    assert panel.grab().width() == 800 * panel.devicePixelRatioF()
