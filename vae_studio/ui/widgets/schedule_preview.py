"""β over the steps of a run, drawn from the schedule itself, with a line where the run is now."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_studio.domain.config import ObjectiveConfig
from vae_studio.domain.schedules import annealing_factor
from vae_studio.ui import fonts, theme

HEIGHT_PX, LOWEST_PX, TALLEST_PX = 68, 44, 96
MARGIN_TOP_PX, MARGIN_BOTTOM_PX, MARGIN_LEFT_PX, MARGIN_RIGHT_PX = 6, 16, 30, 6
POINTS = 241  # finer than the widget is wide in a side column; saw teeth stay sharp


class SchedulePreview(QWidget):
    """Draws an ObjectiveConfig's β(step) with axes; hovering reads it out.

    Steps are unknown until data and batch size are: the axis then says "share of the run".
    """

    def __init__(self) -> None:
        super().__init__()
        self._objective = ObjectiveConfig()
        self._total_steps = 0
        self._now: int | None = None
        self._hover: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(TALLEST_PX)
        self.setAccessibleName("β over the steps of the run")
        theme.current().changed.connect(self._retheme)
        self._describe()

    def show_schedule(self, objective: ObjectiveConfig, total_steps: int) -> None:
        """Draw this schedule over ``total_steps`` (0: not known yet)."""
        self._objective, self._total_steps = objective, total_steps
        self._describe()
        self.update()

    def show_now(self, step: int | None) -> None:
        """Mark the step the run is at; None takes the mark away."""
        if self._x_of_step(step) != self._x_of_step(self._now):
            self._now = step
            self.update()  # only when the line moves by a pixel: 30 chunks a second arrive here
        self._now = step

    def beta_at(self, share: float) -> float:
        """β after this share of the run."""
        schedule = self._objective
        steps = self._total_steps or POINTS - 1
        factor = annealing_factor(
            schedule.schedule, round(share * steps), steps,
            warmup=schedule.warmup, cycles=schedule.cycles, ramp=schedule.ramp,
        )  # fmt: skip
        return schedule.beta * factor

    def read_out(self, share: float) -> str:
        """What hovering says: "step 1,203 · β 0.53"."""
        where = (
            f"step {round(share * self._total_steps):,}"
            if self._total_steps
            else f"{share:.0%} of the run"
        )
        return f"{where} · β {self.beta_at(share):.3g}"

    def _describe(self) -> None:
        middle, end = self.beta_at(0.5), self.beta_at(1.0)
        start = self.beta_at(0.0)
        self.setAccessibleDescription(
            f"β starts at {start:.3g}, is {middle:.3g} half way and {end:.3g} at the end."
        )
        self.setToolTip("β over the run. Move the mouse along the line to read it.")

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(
            MARGIN_LEFT_PX, MARGIN_TOP_PX, -MARGIN_RIGHT_PX, -MARGIN_BOTTOM_PX
        )

    def _x_of_step(self, step: int | None) -> int | None:
        if step is None or not self._total_steps:
            return None
        plot = self._plot()
        return round(plot.left() + plot.width() * min(1.0, step / self._total_steps))

    def _point(self, share: float) -> QPointF:
        plot, top = self._plot(), self._objective.beta or 1.0
        return QPointF(
            plot.left() + share * plot.width(),
            plot.bottom() - self.beta_at(share) / top * plot.height(),
        )

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
        painter.drawText(labels, right, f"{self._objective.beta or 1.0:.3g}")
        labels.moveCenter(QPointF(labels.center().x(), plot.bottom() - 1))
        painter.drawText(labels, right, "0")
        below = QRectF(plot.left(), plot.bottom() + 2, plot.width(), 14)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._below_left())
        end = f"{self._total_steps:,} steps" if self._total_steps else "end of the run"
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, end)

    def _below_left(self) -> str:
        return self.read_out(self._hover) if self._hover is not None else "start"

    def _paint_curve(self, painter: QPainter) -> None:
        line = QPolygonF([self._point(i / (POINTS - 1)) for i in range(POINTS)])
        pen = QPen(QColor(theme.current().chrome.beta), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawPolyline(line)

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
            painter.setBrush(QColor(chrome.beta))
            painter.drawEllipse(self._point(self._hover), 4.5, 4.5)

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
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        share = (event.position().x() - plot.left()) / max(1.0, plot.width())
        self._hover = min(1.0, max(0.0, share))
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()
