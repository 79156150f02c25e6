"""The plot of a run: curves above, schedules in a strip below, one axis of steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_studio.domain.history import MetricHistory
from vae_studio.ui import theme
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.focus_ring import FocusRing
from vae_studio.ui.widgets.loss_painter import LossPainter
from vae_studio.ui.widgets.loss_scene import CURVES, MAIN, STRIP, LossScene, Reading
from vae_studio.ui.widgets.step_window import StepWindow, ValueRange, robust_bounds

UNRIPE = 0.04  # the share of a run's first steps that does not set the scale
UNRIPE_STEPS = 20
DRAG_PX = 4
VALIDATION = "validation"
NO_HISTORY = MetricHistory()


class LossPlot(FocusRing):
    """Draws a ``MetricHistory``. Wheel: zoom steps; Ctrl+wheel: zoom values; drag: move;
    double click or Home: fit; End: follow the newest step; arrows and +/−: the same by keyboard.

    Signals: ``step_hovered(object)`` the step under the pointer or None; ``mode_changed(str)``
    "fit", "follow" or "free".
    """

    step_hovered = Signal(object)
    mode_changed = Signal(str)

    def __init__(self, history: MetricHistory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._window = StepWindow()
        self._values = ValueRange()
        self._own_values = False  # the person has zoomed the values
        self._log = False
        self._shown = frozenset(c.name for c in CURVES if c.name != "learning_rate")
        self._validation = True
        self._empty_text = ""
        self._readings: dict[str, Reading] = {}
        self._frame, self._axes = QPixmap(), QPixmap()
        self._axes_key: tuple[object, ...] = ()
        self._hovered: int | None = None
        self._grabbed: QPointF | None = None
        self.setAccessibleName("Loss curves")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.current().changed.connect(self.refresh)

    @property
    def window_of_steps(self) -> StepWindow:
        """The visible steps."""
        return self._window

    @property
    def value_range(self) -> ValueRange:
        """The visible values."""
        return self._values

    @property
    def shown(self) -> frozenset[str]:
        """Names of the visible series."""
        return self._shown

    @property
    def scene(self) -> LossScene:
        """The geometry of the next frame."""
        return LossScene.of(
            self.width(), self.height(), self._window, self._values, log=self._log,
            with_strip=any(curve.name in self._shown for curve in STRIP),
        )  # fmt: skip

    def set_empty_text(self, sentence: str) -> None:
        """What to say before the first batch."""
        self._empty_text = sentence

    def set_history(self, history: MetricHistory, total_steps: int) -> None:
        """Show another run from its start."""
        self._history, self._own_values = history, False
        self._values = ValueRange()
        self._move(StepWindow(total=total_steps).grown(len(history), total_steps))

    @Slot(str, bool)
    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide one series or "validation"; the values' scale follows what is left."""
        if name == VALIDATION:
            self._validation = shown
            self.refresh()
            return
        self._shown = self._shown | {name} if shown else self._shown - {name}
        self._values = ValueRange(self._values.low, self._values.high)
        self.refresh()

    @Slot(bool)
    def set_log(self, log: bool) -> None:
        """Logarithmic values."""
        self._log, self._own_values = log, False
        self._values = ValueRange()
        self.refresh()

    @Slot(bool)
    def set_following(self, following: bool) -> None:
        """Slide with the newest step, or rest."""
        if not following:
            self._move(replace(self._window, mode="free"))
        elif self._window.mode == "free":
            self._move(self._window.following())

    @Slot()
    def fit(self) -> None:
        """Show everything again, on a scale that suits it."""
        self._own_values = False
        self._values = ValueRange(self._values.low, self._values.high)
        self._move(self._window.fitted())

    @Slot()
    def refresh(self) -> None:
        """Take in what the history has now and draw it."""
        self._window = self._window.grown(len(self._history), self._window.total)
        self._take_in()
        self._frame = QPixmap()
        self.update()

    def _move(self, window: StepWindow) -> None:
        before, self._window = self._window.mode, window
        self.refresh()
        if window.mode != before:
            self.mode_changed.emit(window.mode)

    def _take_in(self) -> None:
        self._readings = self._read()
        if self._own_values:
            return
        main = [self._readings[c.name].visible for c in MAIN if c.name in self._readings]
        bounds = robust_bounds(main, 0 if self._log else self._ripe_from())
        if bounds is None:
            return
        low, high = bounds
        if self._log:
            low = max(low, 0.02 * high, 1e-3) if low <= 0 else low * 0.9
            self._values = ValueRange(low, high * 1.1, True)
        else:
            self._values = self._values.adapted(min(0.0, low) if self._from_zero() else low, high)

    def _from_zero(self) -> bool:
        return "kl" in self._shown

    def _ripe_from(self) -> float:
        return max(float(UNRIPE_STEPS), UNRIPE * len(self._history))

    def _read(self) -> dict[str, Reading]:
        scene = self.scene
        shown = (curve.name for curve in CURVES if curve.name in self._shown)
        return {name: scene.read(self._history, name) for name in shown}

    def _draw_frame(self) -> QPixmap:
        chrome = theme.current().chrome
        drawing = LossPainter(self.scene, self._readings, chrome)
        key = (drawing.scene.axes, chrome, len(self._history) > 0)
        if self._axes_key != key:
            self._axes_key = key
            self._axes = QPixmap(self.size() * self.devicePixelRatioF())
            self._axes.setDevicePixelRatio(self.devicePixelRatioF())
            self._axes.fill(QColor(chrome.panel))
            painter = QPainter(self._axes)
            painter.setFont(self.font())
            if len(self._history):
                drawing.paint_axes(painter)
            painter.end()
        frame = QPixmap(self._axes)
        painter = QPainter(frame)
        painter.setFont(self.font())
        drawing.paint_curves(painter, self._history if self._validation else NO_HISTORY)
        drawing.paint_peak(painter)
        painter.end()
        return frame

    def _paint_hairline(self, painter: QPainter, step: int) -> None:
        scene, chrome = self.scene, theme.current().chrome
        x = float(scene.x_of(np.array([step], np.float64))[0])
        painter.setPen(QPen(QColor(chrome.muted), 1, Qt.PenStyle.DashLine))
        bottom = (scene.strip or scene.main).bottom()
        painter.drawLine(QPointF(x, scene.main.top()), QPointF(x, bottom))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in MAIN:
            values = self._history.series(curve.name).values(step, step + 1)
            if curve.name in self._shown and len(values) and np.isfinite(values[0]):
                y = float(scene.y_of(values.astype(np.float64))[0])
                if scene.main.top() <= y <= scene.main.bottom():
                    painter.setPen(QPen(QColor(chrome.panel), 1))
                    painter.setBrush(QColor(curve.colour(chrome)))
                    painter.drawEllipse(QPointF(x, y), 4, 4)
        self._paint_step(painter, x, step)

    def _paint_step(self, painter: QPainter, x: float, step: int) -> None:
        """The step's number on the hairline, where it hides nothing of the axis."""
        chrome, text = theme.current().chrome, f"step {axis.number(step, 0)}"
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        left = min(x + 6, self.width() - width - 2)
        tag = QRectF(left, self.scene.main.top() + 2, width, 18)
        painter.setPen(QPen(QColor(chrome.border), 1))
        painter.setBrush(QColor(chrome.raised))
        painter.drawRoundedRect(tag, 5, 5)
        painter.setPen(QColor(chrome.text))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _hover(self, x: float | None) -> None:
        step = None
        if x is not None and len(self._history):
            wanted = round(self.scene.step_at(x))
            step = min(max(wanted, 0), len(self._history) - 1)
        if step != self._hovered:
            self._hovered = step
            self.step_hovered.emit(step)
            self.update()

    def _zoom_values(self, factor: float, y: float) -> None:
        scene = self.scene
        if self._log:
            return
        share = (scene.main.bottom() - y) / scene.main.height()
        about = self._values.low + share * (self._values.high - self._values.low)
        low = about + (self._values.low - about) / factor
        high = about + (self._values.high - about) / factor
        self._own_values, self._values = True, ValueRange(low, high, True)
        self.refresh()

    def _drag_to(self, position: QPointF) -> None:
        if self._grabbed is None:
            return
        moved, scene = position - self._grabbed, self.scene
        if abs(moved.x()) + abs(moved.y()) < DRAG_PX:
            return
        self._grabbed = position
        if self._own_values:
            share = moved.y() / scene.main.height() * (self._values.high - self._values.low)
            self._values = ValueRange(self._values.low + share, self._values.high + share, True)
        self._move(self._window.panned(-moved.x() / scene.main.width() * self._window.span))

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(640, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 96)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._frame.isNull():
            self._frame = self._draw_frame()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._frame)
        if not len(self._history):
            painter.setPen(QColor(theme.current().chrome.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), flags, self._empty_text)
        if self._hovered is not None:
            self._paint_hairline(painter, self._hovered)
        self.paint_ring(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.0015 ** event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_values(factor, event.position().y())
        else:
            self._move(self._window.zoomed(factor, self.scene.step_at(event.position().x())))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton):
            self._drag_to(event.position())
        self._hover(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = self._window.left + self._window.span / 2
        match event.key():
            case Qt.Key.Key_Home | Qt.Key.Key_0:
                self.fit()
            case Qt.Key.Key_End:
                self._move(self._window.following())
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._move(self._window.zoomed(1.25, middle))
            case Qt.Key.Key_Minus:
                self._move(self._window.zoomed(0.8, middle))
            case Qt.Key.Key_Left:
                self._move(self._window.panned(-0.1 * self._window.span))
            case Qt.Key.Key_Right:
                self._move(self._window.panned(0.1 * self._window.span))
            case _:
                super().keyPressEvent(event)
