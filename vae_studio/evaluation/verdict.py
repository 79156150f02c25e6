"""Numbers that cannot be: they are kept, struck, with the reason. A number that is possible may be
wrong as well; one that is not shows that something is broken, here or in the model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from vae_studio.evaluation.reading import Reading

SLACK = 0.5  # nats by which estimates from few references may be off without a fault
ERRORS = 4  # standard errors that chance may account for


@dataclass(frozen=True)
class Facts:
    """What the limits depend on: the units of the model, the pictures whose codes are told apart
    (0: not measured), and by the key of a tighter bound the NELBO that it must not exceed.
    """

    units: int
    population: int = 0
    nelbos: Mapping[str, Reading] = field(default_factory=dict)


def judged(readings: Iterable[Reading], facts: Facts) -> tuple[Reading, ...]:
    """The same readings; what is impossible is struck."""
    return tuple(_judged(reading, facts) for reading in readings)


def _judged(reading: Reading, facts: Facts) -> Reading:
    if reading.value is None:
        return reading
    if not math.isfinite(reading.value):
        return replace(reading, value=None, trust="struck", reason="It is not a finite number.")
    rule = RULES.get(reading.key.removesuffix("_fitted"))
    reason = rule(reading, facts) if rule else ""
    return replace(reading, trust="struck", reason=reason) if reason else reading


def _at_least(limit: float, why: str, *, slack: float = 1e-6) -> Callable[[Reading, Facts], str]:
    def rule(reading: Reading, _facts: Facts) -> str:
        assert reading.value is not None
        return why if reading.value < limit - slack - _chance(reading) else ""

    return rule


def _share(reading: Reading, _facts: Facts) -> str:
    assert reading.value is not None
    return "" if 0 <= reading.value <= 1 else "It must lie between 0 and 1."


def _similarity(reading: Reading, _facts: Facts) -> str:
    assert reading.value is not None
    return "" if -1 <= reading.value <= 1 else "It must lie between −1 and 1."


def _told(reading: Reading, facts: Facts) -> str:
    assert reading.value is not None
    if facts.population and reading.value > math.log(facts.population) + _chance(reading):
        most = math.log(facts.population)
        return f"Codes of {facts.population:,} pictures cannot tell more than ln N = {most:.2f}."
    return _not_negative(reading, facts)


def _bound(reading: Reading, facts: Facts) -> str:
    nelbo = facts.nelbos.get(reading.key)
    if nelbo is None or nelbo.value is None or reading.value is None:
        return ""
    chance = ERRORS * math.hypot(reading.error or 0.0, nelbo.error or 0.0)
    if reading.value > nelbo.value + chance + 1e-6:
        return f"More samples cannot give more than the NELBO, {nelbo.value:.2f}."
    return ""


def _units(reading: Reading, facts: Facts) -> str:
    assert reading.value is not None
    return "" if 0 <= reading.value <= facts.units else f"There are {facts.units} units."


def _chance(reading: Reading) -> float:
    return ERRORS * (reading.error or 0.0)


_not_negative = _at_least(0.0, "It cannot be negative.", slack=SLACK)
_no_less = _at_least(0.0, "It cannot be negative.")

RULES: dict[str, Callable[[Reading, Facts], str]] = {
    "test.rate": _no_less, "train.rate": _no_less, "nll": _bound, "active_units": _units,
    "mutual_information": _told, "marginal_kl": _not_negative, "total_correlation": _not_negative,
    "unit_kl": _not_negative, "ssim": _similarity, "pixel_auroc": _share, "code_auroc": _share,
    "pixel_ratio": _no_less, "code_ratio": _no_less, "mig": _share, "mig_without_shape": _share,
    "sap": _share, "dci_disentanglement": _share, "dci_completeness": _share,
    "dci_informativeness": _share, "factor_vae": _share, "beta_vae": _share,
    "frechet_samples": _no_less, "frechet_copies": _no_less, "kid_samples": _no_less,
    "kid_copies": _no_less,
}  # fmt: skip
