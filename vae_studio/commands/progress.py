"""What a run says while it trains: one line that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

import numpy as np

from vae_studio.commands.words import duration, large
from vae_studio.domain.events import (
    BatchesTrained,
    DiskRefused,
    Event,
    NoticeGiven,
    RunStarted,
    Validated,
)

REDRAW_S = 0.1  # a terminal over the network keeps up with ten lines a second
SMOOTH_BATCHES = 100  # as many batches as the shown D and R are averaged over


class Progress:
    """Shows the events of a run on ``stream``; ``quiet`` shows only warnings."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._moving = stream.isatty()
        self._quiet = quiet
        self._drawn_at = 0.0
        self._open_line = False
        self._started: RunStarted | None = None
        self._began_at = time.monotonic()
        self._step = 0
        self._recent: list[tuple[float, float]] = []
        self._images_per_second = 0.0

    def show(self, event: Event | None) -> None:
        """Tell an event, if it is worth a word."""
        if isinstance(event, RunStarted):
            self._begin(event)
        elif isinstance(event, BatchesTrained):
            self._advance(event)
        elif isinstance(event, Validated):
            self._line(self._at_epoch_end(event))
        elif isinstance(event, DiskRefused):
            self.end_line()
            print(f"vae-studio: {event.sentence}", file=sys.stderr, flush=True)
        elif isinstance(event, NoticeGiven) and (event.level != "info" or not self._quiet):
            self.say(event.sentence, always=True)

    def loading(self, share: float, words: str) -> bool:
        """Progress of loading pictures, as ``load_splits`` tells it; True: go on."""
        if self._moving and not self._quiet:
            self._draw(f"{words} {share:.0%}")
        return True

    def say(self, sentence: str, *, always: bool = False) -> None:
        """A line of its own."""
        if always or not self._quiet:
            self.end_line()
            print(sentence, file=self._stream, flush=True)

    def erase(self) -> None:
        """The moving line has served its purpose."""
        if self._open_line:
            self._stream.write("\r\x1b[K")
            self._open_line = False

    def end_line(self) -> None:
        """What comes next starts on a new line."""
        if self._open_line:
            self._stream.write("\n")
            self._open_line = False

    def _begin(self, event: RunStarted) -> None:
        self._started = event
        self._began_at = time.monotonic()
        self._step = event.step
        at = f" from step {large(event.step)}" if event.step else ""
        self.say(
            f"{event.name or 'training'}{at}: {large(event.parameters)} parameters, "
            f"{event.device} {event.precision}, {event.convention}"
        )

    def _advance(self, event: BatchesTrained) -> None:
        self._step = event.last_step + 1
        pairs = zip(event.distortion, event.rate, strict=True)
        self._recent = [*self._recent, *pairs][-SMOOTH_BATCHES:]
        self._images_per_second = event.images_per_second
        now = time.monotonic()
        if self._moving and not self._quiet and now - self._drawn_at >= REDRAW_S:
            self._drawn_at = now
            self._draw(self._now())

    def _now(self) -> str:
        distortion, rate = np.mean(self._recent, axis=0)
        return (
            f"{self._where()}  D {distortion:.2f}  R {rate:.2f}  "
            f"{large(self._images_per_second)} images/s  ETA {self._eta()}"
        )

    def _at_epoch_end(self, event: Validated) -> str:
        return (
            f"{self._where()}  held out: {event}  "
            f"{large(self._images_per_second)} images/s  ETA {self._eta()}"
        )

    def _where(self) -> str:
        run = self._started
        if run is None:
            return f"step {large(self._step)}"
        epoch = min(run.epochs, self._step / run.steps_per_epoch)
        return f"epoch {epoch:.1f}/{run.epochs}  step {large(self._step)}/{large(run.total_steps)}"

    def _eta(self) -> str:
        run = self._started
        if run is None or self._step <= run.step:
            return "—"
        per_step = (time.monotonic() - self._began_at) / (self._step - run.step)
        return duration(per_step * (run.total_steps - self._step))

    def _line(self, text: str) -> None:
        if not self._quiet and self._moving:
            self._draw(text)
            self.end_line()
        else:
            self.say(text)

    def _draw(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self._stream.write("\r\x1b[K" + text[:width])
        self._stream.flush()
        self._open_line = True
