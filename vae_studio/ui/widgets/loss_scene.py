"""What the loss plot shows and where: curves, rectangles, and the way from values to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from vae_studio.domain.history import Envelope, MetricHistory
from vae_studio.domain.palette import Chrome
from vae_studio.ui.widgets.curve_painter import SMOOTHING
from vae_studio.ui.widgets.step_window import StepWindow, ValueRange

Reals = NDArray[np.float64]
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 52, 12, 10, 22
STRIP_PX, STRIP_GAP_PX = 34, 10
SMALLEST_LOG = 1e-4  # nats; a log axis has to end somewhere


@dataclass(frozen=True)
class Curve:
    """A series and how it is shown; ``role`` names its colour, ``below`` puts it in the strip."""

    name: str
    label: str
    role: str
    unit: str
    help: str
    below: bool = False

    def colour(self, chrome: Chrome) -> str:
        """The colour of the term, the same everywhere."""
        return str(getattr(chrome, self.role))


CURVES = (
    Curve("total", "total", "total", "nats per image",
          "What training minimises: reconstruction + β · KL at the β of that step."),
    Curve("reconstruction", "reconstruction", "reconstruction", "nats per image",
          "Distortion: what the decoder gets wrong, summed over pixels."),
    Curve("kl", "KL", "kl", "nats per image",
          "Rate: what the code tells about the picture, summed over units, before β."),
    Curve("beta", "β(t)", "beta", "",
          "The weight of the KL in the loss at each step.", below=True),
    Curve("learning_rate", "learning rate", "muted", "",
          "The optimiser's step size at each step.", below=True),
)  # fmt: skip
MAIN = tuple(curve for curve in CURVES if not curve.below)
STRIP = tuple(curve for curve in CURVES if curve.below)


@dataclass(frozen=True)
class Reading:
    """A series at screen width: ``sigma`` is the smoothing and ``seen`` the visible elements."""

    curve: Envelope
    sigma: float
    seen: slice

    @property
    def visible(self) -> Envelope:
        """The curve without its margins."""
        curve, seen = self.curve, self.seen
        return Envelope(curve.steps[seen], curve.low[seen], curve.high[seen], curve.mean[seen])


@dataclass(frozen=True)
class LossScene:
    """One frame's geometry in logical pixels."""

    window: StepWindow
    values: ValueRange
    log: bool
    main: QRectF
    strip: QRectF | None

    @classmethod
    def of(
        cls, width: int, height: int, window: StepWindow, values: ValueRange, *, log: bool,
        with_strip: bool,
    ) -> LossScene:  # fmt: skip
        """The scene of a widget; the strip goes when there is no room for it."""
        bottom = height - BOTTOM_PX
        strip = None
        if with_strip and height > 150:
            top = bottom - STRIP_PX
            strip = QRectF(LEFT_PX, top, max(1, width - LEFT_PX - RIGHT_PX), STRIP_PX)
            bottom = top - STRIP_GAP_PX
        main = QRectF(LEFT_PX, TOP_PX, max(1, width - LEFT_PX - RIGHT_PX), max(1, bottom - TOP_PX))
        return cls(window, values, log, main, strip)

    def x_of(self, steps: Reals) -> Reals:
        """Pixels across of steps."""
        share = (np.asarray(steps, np.float64) - self.window.left) / self.window.span
        return np.asarray(self.main.left() + share * self.main.width())

    def step_at(self, x: float) -> float:
        """The step under a pixel."""
        share = (x - self.main.left()) / self.main.width()
        return self.window.left + share * self.window.span

    def y_of(self, values: Reals) -> Reals:
        """Pixels down of values in the main plot."""
        low, high = self.values.low, self.values.high
        values = np.asarray(values, np.float64)
        if self.log:
            low, high = np.log10(max(low, SMALLEST_LOG)), np.log10(max(high, 10 * SMALLEST_LOG))
            # a hole stays a hole, zero and less go to the floor
            values = np.log10(np.maximum(values, SMALLEST_LOG / 10))
        share = (values - low) / max(high - low, 1e-12)
        return np.asarray(self.main.bottom() - share * self.main.height())

    @property
    def axes(self) -> tuple[object, ...]:
        """What grid and labels depend on: while it stays they need no new drawing."""
        window, values = self.window, self.values
        return (
            window.left, window.right, values.low, values.high, self.log,
            self.main.getRect(), self.strip and self.strip.getRect(),
        )  # fmt: skip

    def read(self, history: MetricHistory, name: str) -> Reading:
        """The visible part of a series, with a margin on both sides for the smoothing."""
        left = max(0.0, self.window.left)
        right = min(self.window.right, float(self.window.count))
        sigma_steps = SMOOTHING * max(1.0, right - left)
        margin = 3 * sigma_steps + 2
        width = round(self.main.width() * min(1.0, (right - left + 2 * margin) / self.window.span))
        curve = history.series(name).envelope(left - margin, right + margin, max(16, width))
        per_step = len(curve.steps) / max(1.0, np.ptp(curve.steps) + 1) if len(curve.steps) else 1.0
        seen = slice(
            int(np.searchsorted(curve.steps, left - 1, "left")),
            int(np.searchsorted(curve.steps, right + 1, "right")),
        )
        return Reading(curve, sigma_steps * per_step, seen)
