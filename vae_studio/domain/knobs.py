"""How a config field is shown: the form, the command line and the docs are generated from this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from vae_studio.domain import polyline
from vae_studio.domain.errors import StudioError

Value = float | int | str | bool
Kind = Literal["int", "float", "choice", "flag", "text", "polyline"]

_FLAGS = {
    "true": True, "yes": True, "1": True, "on": True,
    "false": False, "no": False, "0": False, "off": False,
}  # fmt: skip
Stepping = Literal["even", "decades", "doubling"]


@dataclass(frozen=True)
class Choice:
    """One answer to a choice knob."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Knob:
    """A config field as a person meets it.

    ``path`` is the dotted place in RunConfig ("objective.beta"), or the bare option name on a
    catalog card. ``help`` says what turning it does to the loss. ``catalog`` names the catalog
    that supplies the choices ("network", "likelihood", "prior", "objective",
    "schedule", "dataset").
    ``live`` fields may be turned while training. ``flag`` is the command-line spelling.
    ``stepping`` says how arrow keys move a number: by ``step``, about eight stops to a decade
    (1, 1.5, 2, 3, …), or by doubling.
    """

    path: str
    label: str
    help: str
    kind: Kind
    default: Value
    low: float | None = None
    high: float | None = None
    step: float | None = None
    decimals: int = 3
    stepping: Stepping = "even"
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    catalog: str = ""
    panel: str = ""
    flag: str = ""
    live: bool = False
    advanced: bool = False

    def parse(self, text: str) -> Value:
        """The value that ``text`` spells, checked; raises StudioError with one clear sentence."""
        name = self.flag or self.path
        try:
            if self.kind == "int":
                value: Value = int(text)
            elif self.kind == "float":
                value = float(text)
            elif self.kind == "flag":
                value = _FLAGS[text.strip().lower()]
            else:
                value = text
        except (ValueError, KeyError):
            wanted = {"int": "a whole number", "float": "a number", "flag": "yes or no"}[self.kind]
            raise StudioError(f"{name} needs {wanted}; '{_shortened(text)}' is none.") from None
        return self.check(value)

    def check(self, value: Value) -> Value:
        """``value`` when it lies within the knob's range, as the knob's type; StudioError else.

        A whole number given to a float knob becomes a float: the two are written differently, and
        equal settings must give equal files.
        """
        name = self.flag or self.path
        if self.kind in ("int", "float"):
            return self._within(self._number(value, name), name)
        if self.kind == "flag" and not isinstance(value, bool):
            raise StudioError(f"{name} must be true or false; it is {_spelled(value)}.")
        if self.kind in ("choice", "text", "polyline") and not isinstance(value, str):
            raise StudioError(f"{name} must be text; it is {_spelled(value)}.")
        if self.kind == "polyline":
            return polyline.spelled(polyline.parse(str(value), name))
        if self.kind == "choice" and self.choices and value not in [c.value for c in self.choices]:
            known = ", ".join(choice.value for choice in self.choices)
            raise StudioError(
                f"{name} does not know '{_shortened(str(value))}'; use one of: {known}."
            )
        return value

    def _number(self, value: Value, name: str) -> float:
        right = int if self.kind == "int" else (int, float)
        if isinstance(value, bool) or not isinstance(value, right):
            wanted = "a whole number" if self.kind == "int" else "a number"
            raise StudioError(f"{name} must be {wanted}; it is {_spelled(value)}.")
        if self.kind == "int":
            return value
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise StudioError(f"{name} must be a finite number; it is {_spelled(value)}.")
        return number

    def _within(self, number: float, name: str) -> float:
        if self.low is not None and number < self.low:
            low = _spelled(self.low)
            raise StudioError(f"{name} must be at least {low}; it is {_spelled(number)}.")
        if self.high is not None and number > self.high:
            high = _spelled(self.high)
            raise StudioError(f"{name} must be at most {high}; it is {_spelled(number)}.")
        return number


def _spelled(value: Value) -> str:
    """All its digits, so that a number just outside its range does not look like the limit."""
    try:
        text = repr(value)
    except ValueError:  # Python does not spell whole numbers of more than 4,300 digits
        return "far too large"
    return _shortened(text.removesuffix(".0"))


def _shortened(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return plain if len(plain) <= 60 else plain[:59] + "…"
