"""The drawn schedule is the schedule."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.live_config import LiveConfig
from vae_studio.domain.schedules import QUANTITIES, Schedule, curves
from vae_studio.ui import theme
from vae_studio.ui.widgets.schedule_preview import SchedulePreview

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def preview_of(qtbot: QtBot, schedule: Schedule, steps: int = 1000) -> SchedulePreview:
    preview = SchedulePreview()
    qtbot.addWidget(preview)
    preview.resize(240, 76)
    preview.show_schedule(schedule, steps)
    preview.show()
    return preview


@pytest.mark.parametrize("curve", list(curves()))
def test_that_the_picture_is_what_the_trainer_will_use(qtbot: QtBot, curve: str) -> None:
    config = with_value(with_value(RunConfig(), "objective.schedule", curve), "objective.beta", 4.0)
    preview = preview_of(qtbot, QUANTITIES["beta"].schedule(config))
    live = LiveConfig(config, 1000)
    for step in (0, 1, 150, 299, 333, 500, 999, 1000):
        assert preview.value_at(step / 1000) == live.beta(step)


def test_that_hovering_reads_out_step_and_value(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0, "linear", warmup=0.5))
    assert preview.read_out(0.25) == "step 250 · β 0.5"
    preview.show_schedule(Schedule(25.0), 0, symbol="C")
    assert preview.read_out(0.25) == "25% of the run · C 25"


def test_that_the_curve_lies_where_beta_is(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0, "linear"))
    image = preview.grab().toImage()
    wanted = QColor(theme.current().chrome.beta)
    rows = [y for y in range(image.height()) if near(image.pixelColor(40, y), wanted)]
    late = [y for y in range(image.height()) if near(image.pixelColor(220, y), wanted)]
    assert rows
    assert late
    assert min(late) < min(rows) - 30


def test_that_the_now_line_moves_with_the_run(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0))
    without = preview.grab().toImage()
    preview.show_now(500)
    half = preview.grab().toImage()
    preview.show_now(None)
    assert half != without
    assert preview.grab().toImage() == without


def test_that_what_is_over_is_grey_and_as_it_was(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0, "linear"))
    preview.show_now(500)
    preview.show_schedule(Schedule(1.0, "constant"), 1000, past=lambda step: 0.5)
    assert [preview.value_at(share) for share in (0.0, 0.499, 0.5, 1.0)] == [0.5, 0.5, 1.0, 1.0]
    image = preview.grab().toImage()
    ahead, behind = QColor(theme.current().chrome.beta), QColor(theme.current().chrome.muted)
    columns = {90: behind, 200: ahead}
    for x, colour in columns.items():
        assert any(near(image.pixelColor(x, y), colour) for y in range(image.height() - 18))
    assert not any(near(image.pixelColor(90, y), ahead) for y in range(image.height()))


def test_that_the_now_line_is_not_painted_for_every_batch(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0))
    painted = 0

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            nonlocal painted
            painted += event.type() == QEvent.Type.Paint
            return False

    qtbot.waitExposed(preview)
    watcher = Watcher()
    preview.installEventFilter(watcher)
    for step in range(0, 1000, 5):  # a whole run, well within a second
        preview.show_now(step)
        QApplication.processEvents()
    assert 1 <= painted <= 5
    assert preview._now == 995


def test_that_hovering_marks_the_point_and_leaving_takes_it_away(qtbot: QtBot) -> None:
    preview = preview_of(qtbot, Schedule(1.0, "linear"))
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
    preview = preview_of(qtbot, Schedule(4.0, "linear"))
    assert preview.accessibleDescription() == ("β starts at 0, is 2 half way and 4 at the end.")


def near(colour: QColor, wanted: QColor) -> bool:
    pairs = zip(colour.getRgb()[:3], wanted.getRgb()[:3], strict=True)  # type: ignore[index]
    return all(abs(a - b) < 60 for a, b in pairs)
