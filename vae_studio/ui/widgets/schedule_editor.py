"""The schedule's picture as the place where a drawn one is drawn."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen

from vae_studio.domain import polyline
from vae_studio.domain.polyline import Polyline
from vae_studio.domain.schedules import Schedule
from vae_studio.ui import theme
from vae_studio.ui.widgets.hints import wrapped
from vae_studio.ui.widgets.schedule_preview import SchedulePreview

DRAWING_PX = 96  # below it, a hand draws coarser than it wants to
REACH_PX = 9.0  # how far from a point a press still takes it
HANDLE_PX, LOCKED_PX = 4.5, 3.0
GAP = 0.001  # of the run; between two points, and the finest move
STEP = 0.01  # of the run, or of the target, per arrow key
HOW = "Click to add a point, drag to move it, double-click to remove it."
KEYS = (
    "Keys: Page Up and Page Down choose a point, arrows move it (with Shift finely), "
    "Insert adds one, Delete removes it."
)
LOCKED = "The part that is already trained stays as it was."
ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
}  # fmt: skip


class ScheduleEditor(SchedulePreview):
    """A SchedulePreview in which the points of a drawn line are taken, moved, added and removed.

    Signal: ``line_drawn(str points)`` once per gesture, when the button or the key is let go.
    While a run is under way, points behind it are locked and the line ahead stays joined to them.
    """

    line_drawn = Signal(str)

    def __init__(self) -> None:
        self._draft: Polyline | None = None  # the line while a gesture goes on
        self._chosen: int | None = None
        self._dragging = False
        self._just_added = False
        super().__init__()

    @property
    def line(self) -> Polyline:
        """The drawn line as it is seen now; empty under another curve."""
        if self._schedule.curve != "polyline":
            return ()
        return self._draft or polyline.parse(self._schedule.points)

    def place_of(self, index: int) -> QPointF:
        """Where a point of the line lies in the widget."""
        share, factor = self.line[index]
        return self._point(share, factor * self._schedule.target)

    def _ahead(self) -> Schedule:
        if self._draft is None:
            return self._schedule
        return replace(self._schedule, points=polyline.spelled(self._draft))

    def _now_share(self) -> float:
        """The share of the run that is over, up to the next ten-thousandth; −1 before a run."""
        if self._now is None or not self._total_steps:
            return -1.0
        return min(1.0, math.ceil(1e4 * self._now / self._total_steps) / 1e4)

    def _is_locked(self, index: int) -> bool:
        return self.line[index][0] <= self._now_share()

    # -- a gesture: begin, change as often as it takes, end -------------------------------------

    def _begin(self) -> None:
        """Draw on a copy that has a point at the run's place, so that the past stays put."""
        if self._draft is not None:
            return
        line, now, chosen = self.line, self._now_share(), self._chosen
        if 0.0 <= now < 1.0:
            place = None if chosen is None else line[chosen]
            line, _ = polyline.with_point(line, now, polyline.value_at(line, now))
            self._chosen = None if place is None else line.index(place)
        self._draft = line

    def _change(self, line: Polyline) -> None:
        self._draft = line
        self._redraw()

    def _end(self) -> None:
        """The gesture is over: what lies ahead of the run is told, if it differs."""
        if self._draft is None:
            return
        line, self._draft = self._draft, None
        place = line[self._chosen] if self._chosen is not None else None
        before, now = self.line, self._now_share()
        if now >= 0.0:
            line = polyline.ahead(before, line, now)
        self._schedule = replace(self._schedule, points=polyline.spelled(line))
        self._chosen = self.line.index(place) if place in self.line else None
        self._redraw()
        if line != before:
            self.line_drawn.emit(self._schedule.points)

    def _move_to(self, share: float, factor: float) -> None:
        if self._chosen is None or self._draft is None:
            return
        share = max(share, self._now_share() + GAP)
        moved = polyline.moved(self._draft, self._chosen, share, factor, gap=GAP)
        self._change(moved)

    def _add(self, share: float, factor: float) -> None:
        if share <= self._now_share() or len(self.line) >= polyline.MOST_POINTS - 1:
            return
        self._begin()
        assert self._draft is not None
        line, self._chosen = polyline.with_point(self._draft, share, factor)
        self._change(line)

    def _remove(self) -> None:
        if self._chosen is None or self._is_locked(self._chosen):
            return
        self._begin()
        assert self._draft is not None
        line = polyline.without(self._draft, self._chosen)
        self._chosen = None
        self._change(line)
        self._end()

    def _choose(self, index: int | None) -> None:
        self._chosen = index
        self._describe()
        self.update()

    # -- how it looks and reads -----------------------------------------------------------------

    def _redraw(self) -> None:
        if self._chosen is not None and self._chosen >= len(self.line):
            self._chosen = None
        super()._redraw()

    def _describe(self) -> None:
        super()._describe()
        drawn = bool(self.line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if drawn else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()
        if not drawn:
            return
        words = [self.accessibleDescription(), f"A line of {len(self.line)} points."]
        if self._chosen is not None:
            share, factor = self.line[self._chosen]
            words.append(
                f"Point {self._chosen + 1} of {len(self.line)}: at {share:.1%} of the run, "
                f"{self._symbol} {factor * self._schedule.target:.3g}."
            )
        self.setAccessibleDescription(" ".join([*words, KEYS]))
        self.setToolTip(wrapped(HOW, LOCKED if self._now is not None else "", KEYS))

    def _words_below(self) -> tuple[str, str]:
        if self._hover is None and self._chosen is not None and self.hasFocus():
            return self.read_out(self.line[self._chosen][0]), ""
        return super()._words_below()

    def _paint_marks(self, painter: QPainter) -> None:
        super()._paint_marks(painter)
        chrome = theme.current().chrome
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(len(self.line)):
            locked = self._is_locked(index)
            colour = QColor(chrome.muted) if locked else self._colour()
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(colour if index == self._chosen else QColor(chrome.panel))
            size = LOCKED_PX if locked else HANDLE_PX
            painter.drawEllipse(self.place_of(index), size, size)

    def _under(self, place: QPointF) -> tuple[float, float]:
        """Share and factor under the pointer, no finer than it can point."""
        plot = self._plot()
        value = (plot.bottom() - place.y()) / max(1.0, plot.height()) * self._top
        factor = min(1.0, max(0.0, value / (self._schedule.target or 1.0)))
        return round(self._share_at(place.x()), 3), round(factor, 2)

    def _point_near(self, place: QPointF) -> int | None:
        """The nearest point within reach that may be moved."""

        def distance(index: int) -> float:
            return (self.place_of(index) - place).manhattanLength()

        free = [index for index in range(len(self.line)) if not self._is_locked(index)]
        nearest = min(free, key=distance, default=None)
        return nearest if nearest is not None and distance(nearest) <= REACH_PX else None

    # Qt
    def minimumSizeHint(self) -> QSize:
        lowest = super().minimumSizeHint()
        return lowest.expandedTo(QSize(0, DRAWING_PX)) if self.line else lowest

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.line or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        place = event.position()
        near = self._point_near(place)
        self._just_added = near is None
        self._choose(near)
        if near is None:
            self._add(*self._under(place))
        self._dragging = self._chosen is not None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._dragging:
            self._begin()
            self._move_to(*self._under(place))
        elif self.line:
            over = self._point_near(place) is not None
            ahead = self._share_at(place.x()) > self._now_share()
            shape = Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor
            self.setCursor(shape if over or ahead else Qt.CursorShape.ArrowCursor)
        else:
            self.unsetCursor()
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self._end()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        near = self._point_near(event.position()) if self.line else None
        if near is not None and not self._just_added:
            self._choose(near)
            self._remove()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self.line or not self._take_key(key, event.modifiers()):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._draft is None or self._dragging:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._end()
        super().focusOutEvent(event)

    def _take_key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._choose_next(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in ARROWS:
            fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            self._nudge(*ARROWS[key], GAP if fine else STEP)
        elif key == Qt.Key.Key_Insert:
            self._add_after()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove()
        else:
            return False
        return True

    def _free(self) -> list[int]:
        return [index for index in range(len(self.line)) if not self._is_locked(index)]

    def _choose_next(self, direction: int) -> None:
        self._end()
        free = self._free()
        if not free:
            return
        if self._chosen not in free:
            self._choose(free[0 if direction > 0 else -1])
            return
        place = free.index(self._chosen) + direction
        self._choose(free[max(0, min(len(free) - 1, place))])

    def _nudge(self, right: int, up: int, step: float) -> None:
        if self._chosen is None:
            self._choose_next(1)
        if self._chosen is None or self._is_locked(self._chosen):
            return
        self._begin()
        share, factor = self.line[self._chosen]
        self._move_to(share + right * step, factor + up * step)

    def _add_after(self) -> None:
        """A point half way to the next one, on the line: nothing moves until it is moved."""
        self._end()
        start = max(self._now_share(), 0.0)
        left = start if self._chosen is None else max(start, self.line[self._chosen][0])
        right = next((share for share, _ in self.line if share > left), 1.0)
        share = (left + right) / 2
        if right - left > 2 * GAP:
            self._add(share, polyline.value_at(self.line, share))
            self._end()
