"""A quantity over the steps of a run, drawn from its schedule, with a line where the run is now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from vae_studio.domain import polyline
from vae_studio.domain.schedules import Schedule
from vae_studio.ui import fonts, theme
from vae_studio.ui.widgets.focus_ring import FocusRing
from vae_studio.ui.widgets.hints import wrapped

HEIGHT_PX, LOWEST_PX, TALLEST_PX = 76, 48, 120
MARGIN_TOP_PX, MARGIN_BOTTOM_PX, MARGIN_LEFT_PX, MARGIN_RIGHT_PX = 8, 16, 38, 8
POINTS = 241  # finer than the widget is wide in a side column; saw teeth stay sharp
NOW_INTERVAL_MS = 500  # the eye needs no more of a line that takes minutes from side to side

Past = Callable[[int], float]


class SchedulePreview(FocusRing):
    """Draws a Schedule over its run with axes; hovering reads it out.

    Steps are unknown until data and batch size are: the axis then says "share of the run". What a
    run under way has behind it is drawn grey and as it was, whatever the settings say now.
    """

    def __init__(self) -> None:
        super().__init__()
        self._schedule = Schedule(1.0)
        self._past: Past | None = None
        self._symbol, self._role = "β", "beta"
        self._total_steps = 0
        self._now: int | None = None
        self._painted_now: int | None = None
        self._since_now = QElapsedTimer()
        self._hover: float | None = None
        self._trace: list[tuple[float, float]] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(TALLEST_PX)
        theme.current().changed.connect(self._retheme)
        self.show_schedule(self._schedule, 0)

    def show_schedule(
        self,
        schedule: Schedule,
        total_steps: int,
        *,
        symbol: str = "β",
        role: str = "beta",
        past: Past | None = None,
    ) -> None:
        """Draw this over ``total_steps`` (0: not known yet), in the chrome colour ``role``.

        ``past`` answers the value at a step of the run under way that is behind it.
        """
        self._schedule, self._total_steps, self._past = schedule, total_steps, past
        self._symbol, self._role = symbol, role
        self._redraw()

    def show_now(self, step: int | None) -> None:
        """Mark the step the run is at; None takes the mark away."""
        self._now = step
        here, painted = self._x_of_step(step), self._x_of_step(self._painted_now)
        if here != painted and (None in (here, painted) or self._is_time_to_move()):
            self._painted_now = step
            self._since_now.start()
            self.update()

    def value_at(self, share: float) -> float:
        """The quantity after this share of the run."""
        steps = self._total_steps or POINTS - 1
        step = round(share * steps)
        if self._past and self._now is not None and step < self._now:
            return self._past(step)
        return self._ahead().at(step, steps)

    def read_out(self, share: float) -> str:
        """What hovering says: "step 1,203 · β 0.53"."""
        where = (
            f"step {round(share * self._total_steps):,}"
            if self._total_steps
            else f"{share:.0%} of the run"
        )
        return f"{where} · {self._symbol} {self.value_at(share):.3g}"

    def _ahead(self) -> Schedule:
        return self._schedule

    def _is_time_to_move(self) -> bool:
        return not self._since_now.isValid() or self._since_now.elapsed() >= NOW_INTERVAL_MS

    def _redraw(self) -> None:
        """Follow the curve anew; only a change of what is drawn needs that."""
        shares = {i / (POINTS - 1) for i in range(POINTS)}
        if self._ahead().curve == "polyline":
            shares |= {share for share, _ in polyline.parse(self._ahead().points)}
        self._trace = [(share, self.value_at(share)) for share in sorted(shares)]
        self._top = max(self._schedule.target, *(value for _, value in self._trace)) or 1.0
        self._describe()
        self.update()

    def _describe(self) -> None:
        start, middle, end = (self.value_at(share) for share in (0.0, 0.5, 1.0))
        self.setAccessibleName(f"{self._symbol} over the steps of the run")
        self.setAccessibleDescription(
            f"{self._symbol} starts at {start:.3g}, is {middle:.3g} half way "
            f"and {end:.3g} at the end."
        )
        self.setToolTip(wrapped("Move the mouse along the line to read it."))

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(
            MARGIN_LEFT_PX, MARGIN_TOP_PX, -MARGIN_RIGHT_PX, -MARGIN_BOTTOM_PX
        )

    def _x_of_step(self, step: int | None) -> int | None:
        if step is None or not self._total_steps:
            return None
        plot = self._plot()
        return round(plot.left() + plot.width() * min(1.0, step / self._total_steps))

    def _point(self, share: float, value: float) -> QPointF:
        plot = self._plot()
        return QPointF(
            plot.left() + share * plot.width(), plot.bottom() - value / self._top * plot.height()
        )

    def _share_at(self, x: float) -> float:
        plot = self._plot()
        return min(1.0, max(0.0, (x - plot.left()) / max(1.0, plot.width())))

    def _colour(self) -> QColor:
        return QColor(getattr(theme.current().chrome, self._role))

    @Slot()
    def _retheme(self) -> None:
        self.update()

    def _paint_axes(self, painter: QPainter) -> None:
        chrome, plot = theme.current().chrome, self._plot()
        painter.setPen(QPen(QColor(chrome.border), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(QColor(chrome.muted))
        painter.setFont(fonts.text(fonts.SMALL_PX))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        labels = QRectF(0, 0, MARGIN_LEFT_PX - 6, 14)
        labels.moveCenter(QPointF(labels.center().x(), plot.top() + 1))
        painter.drawText(labels, right, f"{self._top:.3g}")
        labels.moveCenter(QPointF(labels.center().x(), plot.bottom() - 1))
        painter.drawText(labels, right, "0")
        below = QRectF(plot.left(), plot.bottom() + 2, plot.width(), 14)
        left, end = self._words_below()
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, end)

    def _words_below(self) -> tuple[str, str]:
        """Left and right under the axis; a read-out has the line for itself."""
        if self._hover is not None:
            return self.read_out(self._hover), ""
        return "start", f"{self._total_steps:,} steps" if self._total_steps else "end of the run"

    def _paint_curve(self, painter: QPainter) -> None:
        line = QPolygonF([self._point(share, value) for share, value in self._trace])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = self._x_of_step(self._now)
        whole = QRectF(self.rect())
        if now is not None:
            behind = QRectF(whole.topLeft(), QPointF(now, whole.bottom()))
            self._paint_line(painter, line, QColor(theme.current().chrome.muted), behind)
            whole.setLeft(now)
        self._paint_line(painter, line, self._colour(), whole)

    def _paint_line(
        self, painter: QPainter, line: QPolygonF, colour: QColor, within: QRectF
    ) -> None:
        pen = QPen(colour, 2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setClipRect(within)
        painter.drawPolyline(line)
        painter.setClipping(False)

    def _paint_marks(self, painter: QPainter) -> None:
        chrome, plot = theme.current().chrome, self._plot()
        now = self._x_of_step(self._now)
        if now is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(chrome.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(now, 0), QPointF(now, plot.bottom()))
        if self._hover is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(chrome.panel), 1.5))
            painter.setBrush(self._colour())
            painter.drawEllipse(self._point(self._hover, self.value_at(self._hover)), 4.5, 4.5)

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, LOWEST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_axes(painter)
        self._paint_curve(painter)
        self._paint_marks(painter)
        self.paint_ring(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._share_at(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()
