"""Titles and captions that name facts of the run: "{dataset} · step {step}"."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Every fact that a text may name, and what it says.
FACTS = {
    "dataset": "the set the model learnt from",
    "units": "dimensions of the code",
    "beta": "the KL weight β",
    "step": "batches since the start of the run",
    "seed": "the seed of the samples",
    "temperature": "the samples' temperature",
    "convention": "the likelihood convention",
    "run": "the run's name",
}

SEPARATOR = " · "
_NAME = re.compile(r"\{(" + "|".join(FACTS) + r")\}")


def fill(template: str, facts: Mapping[str, str]) -> str:
    """The template with its names replaced.

    A part between two " · " that names a fact nobody knows ("" or absent) is left out, so that a
    model without a run has no "step ". Other braces are ordinary text.
    """
    parts = [part for part in template.split(SEPARATOR) if _is_known(part, facts)]
    return SEPARATOR.join(_NAME.sub(lambda name: facts[name[1]], part) for part in parts)


def _is_known(part: str, facts: Mapping[str, str]) -> bool:
    return all(facts.get(name) for name in _NAME.findall(part))
