"""What "automatic" came to on this machine; kept in the run so that resuming gives equal bits."""

from __future__ import annotations

import msgspec


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """Device and arithmetic of a run. The thread count changes the bits of sums."""

    device: str
    precision: str
    threads: int
    micro_batches: int = 1
