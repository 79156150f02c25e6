"""Undo and redo for a form: the states it was in, with a burst of edits to one field as one."""

from __future__ import annotations

from dataclasses import fields

from vae_studio.domain.grid import SampleGridSpec

BURST_S = 1.2  # edits of the same field that follow faster are one thought
LONGEST = 500  # states kept; older ones are forgotten


class SpecHistory:
    """Where the form was, is, and would be again after a redo."""

    def __init__(self, spec: SampleGridSpec) -> None:
        self._states = [spec]
        self._at = 0
        self._last: tuple[frozenset[str], float] = (frozenset(), float("-inf"))

    @property
    def can_undo(self) -> bool:
        """There is an earlier state."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """A state was undone and nothing else was done since."""
        return self._at < len(self._states) - 1

    def record(self, spec: SampleGridSpec, now_s: float, *, alone: bool = False) -> None:
        """The form says something else now; ``now_s`` is a steady clock in seconds.

        ``alone``: a thought of its own, however quickly it came.
        """
        changed = _changed(self._states[self._at], spec)
        if not changed:
            return
        same_burst = changed == self._last[0] and now_s - self._last[1] < BURST_S
        if same_burst and not alone and self.can_undo and not self.can_redo:
            self._replace_last(spec)
        else:
            self._states[self._at + 1 :] = [spec]
            self._states = self._states[-LONGEST:]
            self._at = len(self._states) - 1
        self._last = (changed, now_s if not alone else float("-inf"))

    def _replace_last(self, spec: SampleGridSpec) -> None:
        self._states[self._at] = spec
        if spec == self._states[self._at - 1]:  # there and back again is no change
            self._states.pop()
            self._at -= 1

    def undo(self) -> SampleGridSpec:
        """One state back; the present one where there is none."""
        return self._go(self._at - 1)

    def redo(self) -> SampleGridSpec:
        """One state forward; the present one where there is none."""
        return self._go(self._at + 1)

    def _go(self, to: int) -> SampleGridSpec:
        self._at = min(len(self._states) - 1, max(0, to))
        self._last = (frozenset(), float("-inf"))
        return self._states[self._at]


def _changed(old: SampleGridSpec, new: SampleGridSpec) -> frozenset[str]:
    names = (field.name for field in fields(SampleGridSpec))
    return frozenset(name for name in names if getattr(old, name) != getattr(new, name))
