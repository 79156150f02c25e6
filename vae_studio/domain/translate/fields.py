"""Settings of other code by name, and which of them nobody has asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from vae_studio.domain.errors import StudioError


class Fields:
    """Values by dotted place ("model_params.latent_dim"). Each may be asked for by its place or by
    its last word; what was never asked for is the ``rest``.

    Every getter answers ``default`` where the field is missing or empty, and raises a StudioError
    that names the field where there is no default or the value is of another kind.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)
        self._asked: set[str] = set()

    def has(self, *names: str) -> bool:
        """Whether one of the names is there."""
        return any(self._places(name) for name in names)

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number; text that spells one counts (YAML takes "5e-4" for text)."""
        value = self._value(name, default)
        try:
            number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise StudioError(f"'{name}' must be a number; it is {_shown(value)}.")
        return number

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        number = self.number(name, default)
        if number != int(number):
            raise StudioError(f"'{name}' must be a whole number; it is {number:g}.")
        return int(number)

    def word(self, name: str, default: str | None = None) -> str:
        """A word, such as the name of a loss."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise StudioError(f"'{name}' must be a word; it is {_shown(value)}.")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """Every word that stands at a place of this name."""
        found = [self._values[place] for place in self._places(name)]
        return tuple(value for value in found if isinstance(value, str))

    def wholes(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Several whole numbers, such as a shape."""
        value = self._value(name, default)
        items = list(value) if isinstance(value, list | tuple) else []
        if not items or not all(type(item) is int for item in items):
            raise StudioError(f"'{name}' must be a list of whole numbers; it is {_shown(value)}.")
        return tuple(items)

    def skip(self, *names: str) -> None:
        """These change nothing that is learnt: paths, logs, devices."""
        for name in names:
            self._places(name)

    def rest(self) -> tuple[str, ...]:
        """The last words of all fields nobody has asked for, in their order."""
        left = [place for place in self._values if place not in self._asked]
        return tuple(dict.fromkeys(place.rpartition(".")[2] for place in left))

    def _value(self, name: str, default: object) -> object:
        places = self._places(name)
        value = self._values[places[0]] if places else None
        if value is None and default is None:
            raise StudioError(f"The settings do not say '{name}'; add it and translate again.")
        return default if value is None else value

    def _places(self, name: str) -> list[str]:
        found = [p for p in self._values if p == name or p.endswith(f".{name}")]
        self._asked.update(found)
        return found


def _shown(value: object) -> str:
    """Short, and safe for values that are huge or nested."""
    if isinstance(value, list | tuple):
        return "a list"
    try:
        text = repr(value)
    except ValueError:  # Python does not spell whole numbers of more than 4,300 digits
        return "far too large"
    return text if len(text) <= 60 else text[:59] + "…"
