"""A wish of which only the newest counts."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds one value; putting another replaces it, taking empties it."""

    def __init__(self) -> None:
        self._value: T | None = None

    def put(self, value: T) -> None:
        """Remember this one and forget the one before."""
        self._value = value

    def take(self) -> T | None:
        """The newest value, once; None when there is none."""
        value, self._value = self._value, None
        return value
