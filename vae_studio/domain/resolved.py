"""What "automatic" came to on this machine; kept in the run so that resuming gives equal bits."""

from __future__ import annotations

import msgspec


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """Device and arithmetic of a run. The thread count changes the bits of sums.

    ``halvings`` are the steps at which memory ran out and the parts of a batch became half as
    large: which parts a step is made of changes its bits, so that it is a function of the step.
    """

    device: str
    precision: str
    threads: int
    micro_batches: int = 1
    halvings: tuple[int, ...] = ()

    def parts_at(self, step: int) -> int:
        """In how many parts the batch of ``step`` is trained."""
        return int(self.micro_batches * 2 ** sum(at <= step for at in self.halvings))

    def halved_at(self, step: int) -> Resolved:
        """From ``step`` on in twice as many parts."""
        return msgspec.structs.replace(self, halvings=(*self.halvings, step))
