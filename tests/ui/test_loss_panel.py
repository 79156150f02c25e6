"""The Loss dock: every batch, exact numbers, zoom and follow, at a cost that does not grow."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_studio.domain.convention import Convention
from vae_studio.domain.events import BatchesTrained, RunStarted, Validated
from vae_studio.ui.panels.loss import LossPanel

CONVENTION = Convention("grey-BCE", (1, 28, 28))

#: Qt's offscreen platform says so of every window with a smallest size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def run(total: int = 4000) -> RunStarted:
    return RunStarted("r", "run", 0, total, 100, 40, "cpu", "float32", 1000, CONVENTION)


def batches(first: int, count: int) -> BatchesTrained:
    step = np.arange(first, first + count, dtype=np.float32)
    distortion = 130 + 400 * np.exp(-step / 8)
    rate = np.full(count, 7, np.float32)
    beta = np.minimum(1, step / 500)
    loss = (distortion + beta * rate).astype(np.float32)
    return BatchesTrained(first, distortion, rate, loss, beta, np.full(count, 1e-3, np.float32))


@pytest.fixture
def panel(qtbot) -> LossPanel:
    made = LossPanel()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    made.start_run(run())
    return made


def train(panel: LossPanel, count: int, first: int = 0) -> None:
    panel.append_batches(batches(first, count))
    panel.paint_frame()


def wheel(panel: LossPanel, x: float, turns: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    spot = QPointF(x, panel.plot.scene.main.center().y())
    event = QWheelEvent(
        spot, panel.plot.mapToGlobal(spot), QPoint(), QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.plot, event)


def test_that_every_batch_is_kept_to_the_last_digit(panel: LossPanel) -> None:
    train(panel, 300)
    train(panel, 200, 300)
    assert np.array_equal(panel.history.series("total").values(), batches(0, 500).loss)
    assert np.array_equal(panel.history.series("beta").values(), batches(0, 500).beta)


def test_that_the_legend_tells_the_recent_mean_and_the_schedule(panel: LossPanel) -> None:
    train(panel, 1000)
    assert panel.legend_item("total").value == "137.0"
    assert panel.legend_item("kl").value == "7.0"
    assert panel.legend_item("beta").value == "1"
    panel.append_validation(Validated(900, "validation", 131.5, 6.9, 2000, CONVENTION))
    panel.paint_frame()
    assert panel.legend_item("validation").value == "138.4"


def test_that_hovering_tells_the_exact_values_of_that_step(qtbot, panel: LossPanel) -> None:
    train(panel, 1000)
    x = panel.plot.scene.x_of(np.array([400.0]))[0]
    with qtbot.waitSignal(panel.plot.step_hovered) as hovered:
        QTest.mouseMove(panel.plot, QPoint(round(x), 60))
    step = hovered.args[0]
    assert abs(step - 400) <= 1
    assert panel.legend_item("total").value == f"{batches(step, 1).loss[0]:.1f}"
    QApplication.sendEvent(panel.plot, _leave())
    assert panel.legend_item("total").value == "137.0"


def test_that_the_first_steps_do_not_flatten_the_curve(panel: LossPanel) -> None:
    train(panel, 1000)
    assert panel.history.series("total").values().max() > 500
    assert panel.plot.value_range.high < 250


def test_that_another_run_starts_on_an_empty_plot(panel: LossPanel) -> None:
    train(panel, 1000)
    panel.start_run(run(50))
    panel.paint_frame()
    assert len(panel.history) == 0
    assert panel.legend_item("total").value == ""
    assert panel.status == "grey-BCE · 28×28 · β = 1 · nats per image at evaluation"


def test_that_the_wheel_zooms_and_home_fits_again(panel: LossPanel) -> None:
    train(panel, 2000)
    wide = panel.plot.window_of_steps.span
    wheel(panel, 200, 4)
    assert panel.plot.window_of_steps.span < wide
    assert not panel.follow_button.isChecked()
    QTest.keyClick(panel.plot, Qt.Key.Key_Home)
    assert panel.plot.window_of_steps.span == wide
    assert panel.follow_button.isChecked()


def test_that_a_free_view_rests_until_follow_is_pressed(panel: LossPanel) -> None:
    train(panel, 1000)
    wheel(panel, 120, 6)
    before = panel.plot.window_of_steps
    train(panel, 1000, 1000)
    assert panel.plot.window_of_steps.left == before.left
    QTest.mouseClick(panel.follow_button, Qt.MouseButton.LeftButton)
    assert panel.plot.window_of_steps.right > 2000
    train(panel, 500, 2000)
    assert panel.plot.window_of_steps.right > 2500


def test_that_dragging_moves_the_steps_with_the_hand(panel: LossPanel) -> None:
    train(panel, 2000)
    wheel(panel, 300, 8)
    left, span = panel.plot.window_of_steps.left, panel.plot.window_of_steps.span
    QTest.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 80))
    QTest.mouseMove(panel.plot, QPoint(240, 80))
    QTest.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(240, 80))
    moved = panel.plot.window_of_steps.left - left
    assert moved == pytest.approx(60 / panel.plot.scene.main.width() * span, rel=0.1)


def test_that_ctrl_and_wheel_zoom_the_values_and_a_double_click_fits(panel: LossPanel) -> None:
    train(panel, 1000)
    before = panel.plot.value_range
    wheel(panel, 300, 3, Qt.KeyboardModifier.ControlModifier)
    assert panel.plot.value_range.high < before.high
    QTest.mouseDClick(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 80))
    assert panel.plot.value_range.high == before.high


def test_that_a_click_in_the_legend_hides_a_series_and_frees_its_room(panel: LossPanel) -> None:
    train(panel, 1000)
    QTest.mouseClick(panel.legend_item("kl"), Qt.MouseButton.LeftButton)
    assert "kl" not in panel.plot.shown
    assert panel.plot.value_range.low > 100
    QTest.mouseClick(panel.legend_item("learning_rate"), Qt.MouseButton.LeftButton)
    assert panel.legend_item("learning_rate").value == "0.001"


def test_that_the_log_switch_keeps_all_curves_on_screen(panel: LossPanel) -> None:
    train(panel, 1000)
    QTest.mouseClick(panel.log_button, Qt.MouseButton.LeftButton)
    scene = panel.plot.scene
    for value in (7.0, 137.0):
        y = scene.y_of(np.array([value]))[0]
        assert scene.main.top() <= y <= scene.main.bottom()


def test_that_a_diverged_run_is_drawn_up_to_where_it_broke(panel: LossPanel) -> None:
    good, bad = batches(0, 500), batches(500, 100)
    bad.loss[:], bad.distortion[10:], bad.rate[50:] = np.nan, np.inf, np.nan
    panel.append_batches(good)
    panel.append_batches(bad)
    panel.append_validation(Validated(550, "validation", float("nan"), 7, 2000, CONVENTION))
    panel.paint_frame()
    panel.grab()
    assert np.isfinite([panel.plot.value_range.low, panel.plot.value_range.high]).all()
    assert panel.legend_item("total").value == "–"


def test_that_a_resumed_run_begins_where_it_left_off(panel: LossPanel) -> None:
    train(panel, 100, 1000)
    panel.grab()
    assert len(panel.history) == 1100


def frame_ms(qtbot, count: int) -> float:
    panel = LossPanel()
    qtbot.addWidget(panel)
    panel.resize(840, 300)
    panel.show()
    panel.start_run(run(2 * count))
    for first in range(0, count, 50_000):
        panel.append_batches(batches(first, min(50_000, count - first)))
    costs = []
    for turn in range(15):
        panel.append_batches(batches(count + turn, 1))
        started = time.thread_time()
        panel.paint_frame()
        panel.plot.repaint()
        costs.append(1000 * (time.thread_time() - started))
    return statistics.median(costs)


def test_that_a_frame_costs_the_same_after_a_million_batches(qtbot) -> None:
    short, long = frame_ms(qtbot, 10_000), frame_ms(qtbot, 1_000_000)
    assert long < 2 * short + 2  # generous: other processes share this machine


def _leave():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)
