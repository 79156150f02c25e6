"""The drawn schedule is the schedule."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_studio.domain.config import ObjectiveConfig
from vae_studio.domain.schedules import annealing_factor
from vae_studio.ui import theme
from vae_studio.ui.widgets.schedule_preview import SchedulePreview

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def preview_of(qtbot: QtBot, objective: ObjectiveConfig, steps: int = 1000) -> SchedulePreview:
    preview = SchedulePreview()
    qtbot.addWidget(preview)
    preview.resize(240, 76)
    preview.show_schedule(objective, steps)
    preview.show()
    return preview


@pytest.mark.parametrize("kind", ["constant", "linear", "cosine", "cyclical"])
def test_that_beta_is_what_the_trainer_will_use(qtbot: QtBot, kind: str) -> None:
    objective = ObjectiveConfig(schedule=kind, beta=4.0, warmup=0.3, cycles=3, ramp=0.5)
    preview = preview_of(qtbot, objective)
    for step in (0, 1, 150, 299, 333, 500, 999, 1000):
        factor = annealing_factor(kind, step, 1000, warmup=0.3, cycles=3, ramp=0.5)
        assert preview.beta_at(step / 1000) == pytest.approx(4 * factor)


def test_that_hovering_reads_out_step_and_beta(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, ObjectiveConfig(schedule="linear", warmup=0.5))
    assert preview.read_out(0.25) == "step 250 · β 0.5"
    preview.show_schedule(ObjectiveConfig(), 0)
    assert preview.read_out(0.25) == "25% of the run · β 1"


def test_that_the_curve_lies_where_beta_is(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, ObjectiveConfig(schedule="linear", warmup=1.0))
    image = preview.grab().toImage()
    wanted = QColor(theme.current().chrome.beta)
    rows = [y for y in range(image.height()) if near(image.pixelColor(40, y), wanted)]
    late = [y for y in range(image.height()) if near(image.pixelColor(220, y), wanted)]
    assert rows
    assert late
    assert min(late) < min(rows) - 30


def test_that_the_now_line_moves_with_the_run(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, ObjectiveConfig())
    without = preview.grab().toImage()
    preview.show_now(500)
    half = preview.grab().toImage()
    preview.show_now(None)
    assert half != without
    assert preview.grab().toImage() == without


def test_that_hovering_marks_the_point_and_leaving_takes_it_away(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, ObjectiveConfig(schedule="linear"))
    before = preview.grab().toImage()
    none, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    place = QPointF(120, 30)
    QApplication.sendEvent(
        preview, QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, no_keys)
    )
    assert preview.grab().toImage() != before
    QApplication.sendEvent(preview, QEvent(QEvent.Type.Leave))
    assert preview.grab().toImage() == before


def test_that_a_reader_hears_the_shape(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, ObjectiveConfig(schedule="linear", beta=4, warmup=1.0))
    assert preview.accessibleDescription() == ("β starts at 0, is 2 half way and 4 at the end.")


def near(colour: QColor, wanted: QColor) -> bool:
    pairs = zip(colour.getRgb()[:3], wanted.getRgb()[:3], strict=True)  # type: ignore[index]
    return all(abs(a - b) < 60 for a, b in pairs)
