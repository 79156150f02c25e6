"""Ticks and their labels. Pure numbers and text."""

from __future__ import annotations

import math

MINUS = "−"
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_step(span: float, count: int) -> float:
    """The smallest 1, 2, 2.5 or 5 × 10ⁿ that cuts ``span`` into at most ``count`` parts."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    rough = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step for step in (*STEPS, 20.0) if step * power >= rough * (1 - 1e-9)) * power


def ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Round values inside [low, high], at most ``count`` + 1; ``whole``: integers only."""
    step = nice_step(high - low, count)
    if whole:
        step = max(1.0, step if step != 2.5 else 5.0)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Values 1, 2 and 5 × 10ⁿ inside [low, high]; only powers of ten over many decades."""
    low = max(low, 1e-12)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(max(high, low))) + 1)
    heads = (1, 2, 5) if len(decades) <= 4 else (1,)
    values = [head * 10.0**decade for decade in decades for head in heads]
    return [value for value in values if low <= value <= high]


def number(value: float, digits: int) -> str:
    """``value`` with a true minus sign, thousands apart, and no minus before a zero."""
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def tick_label(value: float, step: float) -> str:
    """``value`` with as many digits as ticks that lie ``step`` apart need."""
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.3g}".replace("-", MINUS)
    digits = 0
    while digits < 6 and abs(step * 10**digits - round(step * 10**digits)) > 1e-6:
        digits += 1
    return number(value, digits)


def short(value: float) -> str:
    """Four significant digits, for read-outs: 543.2, 6.701, 0.0012; no trailing zeros."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else MINUS + "∞")
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}".replace("-", MINUS)
    text = number(value, max(0, min(6, 3 - math.floor(math.log10(abs(value))))))
    return text.rstrip("0").rstrip(".") if "." in text else text
