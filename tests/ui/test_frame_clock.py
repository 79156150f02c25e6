"""The clock paints what is visible and dirty, the longest waiting first, within its budget."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from vae_studio.domain.phase import Phase
from vae_studio.ui.widgets.frame_clock import (
    BUDGET,
    FASTEST_MS,
    LONGEST_MS,
    SLOWEST_MS,
    FrameClock,
)

#: Qt's offscreen platform says so of every window with a smallest size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Clock:
    """Time that passes only when somebody paints."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Panel(QWidget):
    """Paints in ``cost_ms`` of the given clock's time."""

    def __init__(self, time: Clock, cost_ms: float) -> None:
        super().__init__()
        self.frames, self.is_dirty = 0, True
        self._time, self._cost = time, cost_ms

    def paint_frame(self) -> None:
        self.frames += 1
        self.is_dirty = False
        self._time.seconds += self._cost / 1000


def shown(qtbot, time: Clock, cost_ms: float) -> Panel:
    panel = Panel(time, cost_ms)
    panel.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_that_a_clean_or_hidden_panel_is_not_painted(qtbot) -> None:
    time = Clock()
    panel, hidden = shown(qtbot, time, 1), shown(qtbot, time, 1)
    hidden.hide()
    clock = FrameClock(now=time)
    for each in (panel, hidden):
        clock.register(each)
    clock.tick()
    clock.tick()
    assert (panel.frames, hidden.frames) == (1, 0)
    clock.stop()


def test_that_a_costly_panel_slows_the_clock_only_while_training(qtbot) -> None:
    time = Clock()
    panel = shown(qtbot, time, 2)
    clock = FrameClock(now=time)
    clock.register(panel)
    clock.tick()
    assert clock.interval_ms == FASTEST_MS
    clock.apply_phase(Phase.RUNNING)
    panel.is_dirty = True
    clock.tick()
    assert clock.interval_ms == round(2 / BUDGET)
    clock.apply_phase(Phase.PAUSED)
    panel.is_dirty = True
    clock.tick()
    assert clock.interval_ms == FASTEST_MS
    clock.stop()


def test_that_the_clock_never_falls_below_four_frames_a_second(qtbot) -> None:
    time = Clock()
    panel = shown(qtbot, time, 500)
    clock = FrameClock(now=time)
    clock.register(panel)
    clock.apply_phase(Phase.RUNNING)
    clock.tick()
    assert clock.interval_ms == SLOWEST_MS
    assert clock.cost_ms(panel) == 500
    clock.stop()


def test_that_costly_panels_take_turns(qtbot) -> None:
    time = Clock()
    panels = [shown(qtbot, time, 20) for _ in range(3)]
    clock = FrameClock(now=time)
    for panel in panels:
        clock.register(panel)
    counts = []
    for _ in range(3):
        for panel in panels:
            panel.is_dirty = True
        clock.tick()
        counts.append([panel.frames for panel in panels])
    assert [sum(row) for row in counts] == [1, 2, 3]
    assert counts[-1] == [1, 1, 1]
    clock.stop()


def test_that_words_never_wait_for_pictures(qtbot) -> None:
    time = Clock()
    pictures, words = [shown(qtbot, time, 20) for _ in range(3)], shown(qtbot, time, 0.3)
    clock = FrameClock(now=time)
    for panel in pictures:
        clock.register(panel)
    clock.register(words, words=True)
    clock.apply_phase(Phase.RUNNING)
    for tick in range(1, 11):
        for panel in (*pictures, words):
            panel.is_dirty = True
        clock.tick()
        assert words.frames == tick
        assert clock.interval_ms <= SLOWEST_MS
    clock.stop()


@pytest.mark.parametrize("cost_ms", [1, 4, 9])
def test_that_painting_keeps_to_the_budget_and_uses_it(qtbot, cost_ms: float) -> None:
    time = Clock()
    panel, words = shown(qtbot, time, cost_ms), shown(qtbot, time, 0.6)
    clock = FrameClock(now=time)
    clock.register(panel)
    clock.register(words, words=True)
    clock.apply_phase(Phase.RUNNING)
    wall_ms = 0.0
    while wall_ms < 20_000:
        panel.is_dirty = words.is_dirty = True
        clock.tick()
        wall_ms += clock.interval_ms
    share = 1000 * time.seconds / wall_ms
    assert 0.75 * BUDGET <= share <= 1.1 * BUDGET
    assert panel.frames * LONGEST_MS >= wall_ms
    assert 1000 * words.frames >= 4 * wall_ms
    clock.stop()


def test_that_no_picture_waits_longer_than_a_second(qtbot) -> None:
    time = Clock()
    panel = shown(qtbot, time, 500)
    clock = FrameClock(now=time)
    clock.register(panel)
    clock.apply_phase(Phase.RUNNING)
    waited_ms = 0.0
    for _ in range(40):
        panel.is_dirty, before = True, panel.frames
        clock.tick()
        assert waited_ms <= LONGEST_MS
        waited_ms = 0.0 if panel.frames > before else waited_ms + clock.interval_ms
    clock.stop()


def test_that_a_frame_includes_the_repaint_it_causes(qtbot) -> None:
    class Painter(QWidget):
        is_dirty, painted = True, 0

        def paint_frame(self) -> None:
            self.is_dirty = False
            self.update()

        def paintEvent(self, event: object) -> None:
            type(self).painted += 1

    panel = Painter()
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: Painter.painted > 0)
    clock = FrameClock()
    clock.register(panel)
    before = Painter.painted
    clock.tick()
    assert Painter.painted == before + 1
    clock.stop()


def test_that_a_deleted_panel_is_forgotten(qtbot) -> None:
    clock = FrameClock()
    panel = Panel(Clock(), 1)
    clock.register(panel)
    with qtbot.waitSignal(panel.destroyed):
        panel.deleteLater()
    clock.tick()
    clock.stop()


def test_that_a_panel_that_fails_does_not_stop_the_clock(qtbot) -> None:
    class Broken(Panel):
        def paint_frame(self) -> None:
            self.is_dirty = False
            raise ValueError("no picture")

    time = Clock()
    broken = Broken(time, 1)
    qtbot.addWidget(broken)
    broken.show()
    clock = FrameClock(now=time)
    clock.register(broken)
    with pytest.raises(ValueError, match="no picture"):
        clock.tick()
    healthy = shown(qtbot, time, 1)
    clock.register(healthy)
    qtbot.waitUntil(lambda: healthy.frames == 1)
    clock.stop()
