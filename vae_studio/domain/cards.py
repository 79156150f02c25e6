"""Catalog cards: what the form, the command line and the docs know about a network, a likelihood
or an objective without importing it (importing it would import torch).

A card is the literal ``CARD = Card(...)`` near the top of the file that implements the thing. This
module reads it from the source text, so one new file is all it takes to add an entry.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from vae_studio.domain.knobs import Choice, Knob


@dataclass(frozen=True)
class Card:
    """One entry of a catalog. ``knobs`` are the entry's own options (path = the option's name).

    ``uses`` names what the entry shares with others and not all of them need: for an objective the
    quantities ("capacity"), for a curve the numbers that shape it. Knobs nobody uses are hidden.
    """

    name: str
    label: str
    help: str
    source: str = ""
    knobs: tuple[Knob, ...] = ()
    order: int = 100
    module: str = ""
    uses: tuple[str, ...] = ()

    def defaults(self) -> dict[str, float | int | str | bool]:
        """Every option with its default."""
        return {knob.path: knob.default for knob in self.knobs}


#: The statement itself, to the next line that begins something else: parsing whole modules took
#: 30 ms of every start.
_CARD = re.compile(r"^CARD\b[^=\n]*=.*(?:\n(?:[ \t)].*)?)*", re.MULTILINE)

_CALLABLE: dict[str, Any] = {"Card": Card, "Knob": Knob, "Choice": Choice}


def read_cards(package: str) -> dict[str, Card]:
    """The cards of every module directly inside ``package``, by name, in their stated order."""
    cards = []
    for entry in resources.files(package).iterdir():
        if entry.name.endswith(".py") and not entry.name.startswith("_"):
            card = _card_in(entry.read_text(encoding="utf-8"), f"{package}.{entry.name[:-3]}")
            if card is not None:
                cards.append(card)
    found = {card.name: card for card in sorted(cards, key=lambda card: (card.order, card.name))}
    if len(found) < len(cards):
        raise ValueError(f"two modules of {package} have a card of the same name")
    return found


def _card_in(source: str, module: str) -> Card | None:
    found = _CARD.search(source)
    if found is None:
        return None
    (statement,) = ast.parse(found.group()).body
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    assert statement.value is not None
    return replace(_evaluate(statement.value), module=module)


def _evaluate(node: ast.expr) -> Any:
    """Literals, tuples and calls of Card, Knob and Choice with such arguments; nothing else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLABLE:
        positional = [_evaluate(argument) for argument in node.args]
        named = {keyword.arg: _evaluate(keyword.value) for keyword in node.keywords if keyword.arg}
        return _CALLABLE[node.func.id](*positional, **named)
    if isinstance(node, ast.Tuple):
        return tuple(_evaluate(item) for item in node.elts)
    return ast.literal_eval(node)
