"""The readings of an evaluation as a table that a person can read, and notes below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vae_studio.commands.words import large, table

if TYPE_CHECKING:
    from vae_studio.evaluation.reading import Reading

HEAD = ("", "value", "± s.e.", "n", "estimator", "trust")
STRUCK, PLAIN = "\x1b[9m", "\x1b[29m"  # a terminal's own strike-through
MARK = "~~"  # elsewhere
UNTOLD = "–"


def readings_text(readings: Iterable[Reading], *, styled: bool) -> str:
    """The table, the conventions of the likelihoods in it, and a sentence per numbered note."""
    found = list(readings)
    notes: dict[str, int] = {}
    rows = [_row(reading, notes) for reading in found]
    lines = table(HEAD, rows, right=(1, 2, 3)).splitlines()
    if styled:
        lines = [lines[0], *map(_struck, lines[1:], found)]
    conventions = dict.fromkeys(_convention(reading) for reading in found if reading.convention)
    return "\n".join([*lines, *conventions, *(f"[{n}] {why}" for why, n in notes.items())])


def _row(reading: Reading, notes: dict[str, int]) -> list[str]:
    label = f"{reading.label}, {reading.unit}" if reading.unit == "dB" else reading.label
    value = UNTOLD if reading.value is None else f"{reading.value:.{_decimals(reading)}f}"
    error = UNTOLD if reading.error is None else f"{reading.error:.{_decimals(reading)}f}"
    if reading.trust == "struck" and reading.value is not None:
        value = f"{MARK}{value}{MARK}"
    trust = "" if reading.trust == "sound" else str(reading.trust)
    if reading.reason:
        number = notes.setdefault(reading.reason, len(notes) + 1)
        trust = f"{trust} [{number}]".lstrip()
    count = large(reading.count) if reading.count else UNTOLD
    return [label, value, error, count, reading.estimator, trust]


def _convention(reading: Reading) -> str:
    """Without the number of samples, which is in the estimator's column."""
    return reading.convention.partition(" · IS-")[0]


def _struck(line: str, reading: Reading) -> str:
    """The terminal's strike-through in place of the marks; they are as wide as two spaces."""
    if reading.trust != "struck" or MARK not in line:
        return line
    before, value, after = line.split(MARK)
    return f"{before}{STRUCK}  {value}  {PLAIN}{after}"


def _decimals(reading: Reading) -> int:
    """Whole things are counted, nats and decibels have two decimals, scores three."""
    if reading.unit == "units":
        return 0
    return 2 if reading.unit or abs(reading.value or 0.0) >= 10 else 3
