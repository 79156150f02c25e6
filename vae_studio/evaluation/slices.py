"""Evaluations are generators: one slice of work per ``next``, so that a worker may step them.

They yield the share of the work that is done and return what they found. One that can stop early
with what it has is told so by ``send(True)``.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")

Shares = Generator[float, bool | None, T]


def shares(slices: Generator[int, None, T], total: int) -> Shares[T]:
    """The same work, counted as a share of ``total`` instead of one by one."""
    done = 0
    while True:
        try:
            done += next(slices)
        except StopIteration as last:
            return last.value  # type: ignore[no-any-return]
        yield done / max(1, total)


def within(slices: Shares[T], start: float, end: float) -> Shares[T]:
    """The same work as the part from ``start`` to ``end`` of a larger one; stops are passed on."""
    stop: bool | None = None
    while True:
        try:
            share = slices.send(stop) if stop else next(slices)
        except StopIteration as last:
            return last.value  # type: ignore[no-any-return]
        stop = yield start + (end - start) * share


def finish(slices: Generator[object, bool | None, T]) -> T:
    """Do all the work at once."""
    while True:
        try:
            next(slices)
        except StopIteration as last:
            return last.value  # type: ignore[no-any-return]
