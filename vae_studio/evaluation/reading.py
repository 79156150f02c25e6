"""One measured number with everything that belongs to it, and whether it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: "rough": few draws or pictures; "saturated": at the estimator's own limit; "struck": impossible;
#: "unavailable": not measured, and the reason says why.
Trust = Literal["sound", "rough", "saturated", "struck", "unavailable"]


@dataclass(frozen=True)
class Reading:
    """A number of an evaluation.

    ``value`` in ``unit`` ("" for a share or a score) with its standard ``error`` (None where it is
    not known), over ``count`` pictures, by ``estimator``. ``convention`` belongs to likelihoods.
    ``reason`` is a sentence about the trust, or a warning about what the number says.
    """

    key: str
    label: str
    value: float | None
    error: float | None = None
    count: int = 0
    estimator: str = ""
    unit: str = ""
    trust: Trust = "sound"
    reason: str = ""
    convention: str = ""


def unavailable(key: str, label: str, reason: str) -> Reading:
    """What cannot be measured here, and why."""
    return Reading(key, label, None, trust="unavailable", reason=reason)
