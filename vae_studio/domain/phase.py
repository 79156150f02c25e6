"""What the app is doing now, and which wishes it can grant in that state."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """The phase of the current run, as told by the worker."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"

    @property
    def busy(self) -> bool:
        """A run is under way; closing the window would interrupt it."""
        return self in (Phase.PREPARING, Phase.RUNNING, Phase.PAUSED)


#: Which training wishes each phase can grant; the window greys out the rest.
GRANTED: dict[Phase, frozenset[str]] = {
    Phase.IDLE: frozenset({"train", "one_batch"}),
    Phase.PREPARING: frozenset({"stop"}),
    Phase.RUNNING: frozenset({"pause", "stop"}),
    Phase.PAUSED: frozenset({"resume", "stop", "one_batch"}),
    Phase.DONE: frozenset({"train", "one_batch"}),
    Phase.FAILED: frozenset({"train", "one_batch"}),
}
assert set(GRANTED) == set(Phase), "every phase needs a row"
