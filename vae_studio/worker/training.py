"""The run under way: its generator, and how many batches it may still take."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vae_studio.domain.events import DiskRefused, Event, RunFailed, RunFinished, RunStarted
from vae_studio.domain.reports import RunResumed
from vae_studio.engine.trainer import Trainer


class Training:
    """Steps a trainer. ``paused`` runs take only the batches they were granted one by one.

    A run whose disk refuses pauses by itself; going on tries again. After the start of a
    ``resumed`` one it tells what came before.
    """

    def __init__(
        self, trainer: Trainer, *, batches: int | None = None, resumed: bool = False
    ) -> None:
        self.trainer = trainer
        self._events = _with_past(trainer) if resumed else trainer.run()
        self._until: int | None = None if batches is None else trainer.step + batches
        self.over = False

    @property
    def moving(self) -> bool:
        """The next turn trains; False while paused and after the end."""
        return not self.over and (self._until is None or self.trainer.step < self._until)

    @property
    def paused(self) -> bool:
        """Held by the person, or by the disk."""
        return not self.over and self._until is not None

    def pause(self) -> None:
        """Take no further batch."""
        self._until = self.trainer.step

    def resume(self) -> None:
        """Go on to the end."""
        self._until = None
        self.trainer.restart_clock()

    def one_more(self) -> None:
        """One batch, then hold again."""
        self._until = self.trainer.step + 1
        self.trainer.restart_clock()

    def stop(self) -> None:
        """Save and end; a paused run wakes up for that."""
        self.trainer.request_stop()
        self.resume()

    def end(self, tell: Callable[[Event | RunResumed | None], None]) -> None:
        """Save and end now. A run that the disk refuses can be resumed from its last checkpoint."""
        if self.over:
            return
        self.stop()
        while self.moving:
            tell(self.turn())
        if not self.over:
            self.over = True
            self.trainer.recorder.close()

    def turn(self) -> Event | RunResumed | None:
        """One batch or slice; the event it brought, if any."""
        event = next(self._events, None)
        if isinstance(event, DiskRefused):
            self.pause()
        if isinstance(event, RunFinished | RunFailed):
            self.over = True
            for _ in self._events:  # let the generator end
                pass
        return event

    def flush(self) -> Event | None:
        """What the last batches brought and nobody was told yet (before a pause)."""
        return self.trainer.flush()


def _with_past(trainer: Trainer) -> Iterator[Event | RunResumed | None]:
    for event in trainer.run():
        yield event
        if isinstance(event, RunStarted):
            yield RunResumed(trainer.live.at(trainer.step), trainer.past())
