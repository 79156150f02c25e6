"""How much of the training time the live pictures may take, and whose turn it is."""

from __future__ import annotations

TILES, CODES, RECONSTRUCTIONS, SAMPLES = "tiles", "codes", "reconstructions", "samples"
KINDS = (TILES, CODES, RECONSTRUCTIONS, SAMPLES)

SHARE = 0.02  # of the worker's time while training: the pictures drift, training hardly slows
MIN_INTERVAL_S = 0.4  # the eye follows a drift that is renewed twice a second
MAX_WAIT_S = 2.0  # a picture older than this looks stuck, whatever it costs
SLICE_S = 0.006  # one slice of a picture; a click waits for one batch and one slice at most


class ViewPace:
    """Decides which live picture is made next; pictures that were asked for go first."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._stale: dict[str, None] = {}  # in the order in which they will be renewed
        self._due_s = 0.0

    def want(self, *kinds: str) -> None:
        """The window asked for these: make them at the next turn."""
        self._wanted.update(kinds)

    def weights_changed(self) -> None:
        """Everything on screen is older than the model."""
        for kind in KINDS:
            self._stale.setdefault(kind)

    def forget(self) -> None:
        """There is no model any more."""
        self._wanted.clear()
        self._stale.clear()

    def next_kind(self, now_s: float, *, training: bool) -> str | None:
        """What to make now; None when nothing is due."""
        for kind in KINDS:
            if kind in self._wanted:
                return self._take(kind)
        if self._stale and (not training or now_s >= self._due_s):
            return self._take(next(iter(self._stale)))
        return None

    def charge(self, seconds: float, now_s: float) -> None:
        """A picture took ``seconds``; the next one waits until that is ``SHARE`` of the time."""
        wait_s = max(seconds / SHARE, MIN_INTERVAL_S / len(KINDS))
        self._due_s = now_s + min(wait_s, MAX_WAIT_S)

    def _take(self, kind: str) -> str:
        self._wanted.discard(kind)
        self._stale.pop(kind, None)
        return kind


class SliceSize:
    """Adapts how many pictures one slice holds, so that a slice takes about ``SLICE_S``."""

    def __init__(self, size: int = 64) -> None:
        self.size = size

    def took(self, seconds: float) -> None:
        """The last slice of ``size`` pictures took this long."""
        if seconds > 1.5 * SLICE_S:
            self.size = max(4, self.size // 2)
        elif seconds < 0.5 * SLICE_S:
            self.size = min(1024, self.size * 2)
