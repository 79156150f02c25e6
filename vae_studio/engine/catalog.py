"""The catalogs of everything a run may be made of, readable without importing torch."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from vae_studio.domain import schedules
from vae_studio.domain.cards import Card, read_cards
from vae_studio.domain.config import OPTION_FIELDS as OPTION_FIELDS
from vae_studio.domain.config import RunConfig, knob_at, knobs, value_at, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Choice


@cache
def networks() -> dict[str, Card]:
    """Every network by name."""
    return read_cards("vae_studio.engine.networks")


@cache
def likelihoods() -> dict[str, Card]:
    """Every likelihood by name."""
    return read_cards("vae_studio.engine.likelihoods")


@cache
def priors() -> dict[str, Card]:
    """Every prior by name."""
    return read_cards("vae_studio.engine.priors")


@cache
def objectives() -> dict[str, Card]:
    """Every objective by name."""
    return read_cards("vae_studio.engine.objectives")


NO_AUXILIARY = Card(
    name="none", label="nothing", help="Only the objective itself is minimised.", order=0
)


@cache
def auxiliaries() -> dict[str, Card]:
    """No auxiliary term ("none", which stands in no module), and every one by name."""
    return {NO_AUXILIARY.name: NO_AUXILIARY} | read_cards("vae_studio.engine.auxiliary")


def cards(catalog: str) -> dict[str, Card]:
    """The cards behind a knob's ``catalog`` ("network", "likelihood", "prior",
    "objective", "auxiliary" or "schedule")."""
    return _CATALOGS[catalog]()


_CATALOGS = {
    "network": networks,
    "likelihood": likelihoods,
    "prior": priors,
    "objective": objectives,
    "auxiliary": auxiliaries,
    "schedule": schedules.curves,
}


def choices(catalog: str) -> tuple[Choice, ...]:
    """The choices a knob with this ``catalog`` offers."""
    return tuple(Choice(card.name, card.label, card.help) for card in cards(catalog).values())


def load(card: Card, attribute: str) -> Any:
    """The object named ``attribute`` of the module a card stands in; this imports torch."""
    return getattr(import_module(card.module), attribute)


def check(config: RunConfig) -> RunConfig:
    """``config`` itself when every name and option in it is known; StudioError otherwise."""
    for knob in knobs():
        if knob.catalog in ("", "dataset"):
            continue
        name = value_at(config, knob.path)
        known = [choice.value for choice in choices(knob.catalog)]
        if name not in known:
            raise StudioError(
                f"{knob.flag} does not know '{name}'; use one of: {', '.join(known)}."
            )
        if knob.path in OPTION_FIELDS:
            check_options(
                cards(knob.catalog)[str(name)], value_at(config, OPTION_FIELDS[knob.path])
            )
    return config


def spelled_out(config: RunConfig) -> RunConfig:
    """``config`` with every option written down: a run must not change when a default does."""
    for path, field in OPTION_FIELDS.items():
        card = cards(knob_at(path).catalog)[str(value_at(config, path))]
        chosen = value_at(config, field)
        for name, value in {**card.defaults(), **chosen}.items():  # type: ignore[dict-item]
            config = with_value(config, f"{field}.{name}", value)
    return config


def check_options(card: Card, options: Any) -> None:
    """StudioError for an option that the card does not have, or a value out of its range."""
    known = {knob.path: knob for knob in card.knobs}
    for name, value in options.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise StudioError(f"'{card.name}' has no option '{name}'; it has: {names}.")
        known[name].check(value)
