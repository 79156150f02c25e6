"""The knobs of a run as command-line options, and the RunConfig those options spell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from vae_studio.commands.parsing import Parser, closest, help_text
from vae_studio.domain.config import RunConfig, knob_at, knobs, value_at, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Knob
from vae_studio.domain.presets import preset, presets
from vae_studio.domain.schedules import QUANTITIES
from vae_studio.engine import catalog

TITLES = {"data": "pictures", "model": "model", "objective": "objective", "train": "training"}
NUMBERS = {
    "int": "whole number", "float": "number", "flag": "yes or no", "text": "text",
    "polyline": "points",
}  # fmt: skip


def add_flags(parser: Parser) -> None:
    """An option for every knob that has a flag, and ``--set`` for every setting there is."""
    names = ", ".join(presets())
    parser.add_argument(
        "--preset", type=preset, metavar="NAME",
        help=f"settings that were measured, which all other options change: {names}",
    )  # fmt: skip
    groups = {panel: parser.add_argument_group(title) for panel, title in TITLES.items()}
    for knob in filter(has_flag, knobs()):
        groups[knob.panel].add_argument(
            knob.flag, dest=knob.path, type=knob.parse, metavar=_metavar(knob),
            help=help_text(f"{knob.help} ({_facts(knob)})"),
        )  # fmt: skip
    groups["train"].add_argument(
        "--set", dest="settings", action="append", default=[], metavar="SECTION.FIELD=VALUE",
        help="any setting by its place, such as objective.beta=4; options of a network, a "
        "likelihood or an objective, and settings without an option, are listed below",
    )  # fmt: skip


def has_flag(knob: Knob) -> bool:
    """Whether the knob has an option of its own; the others can only be ``--set``."""
    return bool(knob.flag)


def card_options() -> str:
    """The options of every catalog card, as the end of the help text."""
    lines = ["settings without an option (--set PLACE=VALUE):"]
    for knob in knobs():
        if not knob.flag:
            lines += [f"  {knob.path}", f"      {knob.help} ({_facts(knob)})"]
    lines += ["", "settings of their own (--set PLACE=VALUE):"]
    for path, field in catalog.OPTION_FIELDS.items():
        for card in catalog.cards(knob_at(path).catalog).values():
            for knob in card.knobs:
                lines.append(f"  {field}.{knob.path}  with {knob_at(path).flag} {card.name}")
                lines.append(f"      {knob.help} ({_facts(knob)})")
    return "\n".join(lines)


def config_from(options: argparse.Namespace) -> RunConfig:
    """The config that the options spell; StudioError names the one that is wrong."""
    config = options.preset.config if options.preset else RunConfig()
    for knob in filter(has_flag, knobs()):
        value = getattr(options, knob.path)
        if value is not None:
            config = with_value(config, knob.path, value)
    settings = [_split(text) for text in options.settings]
    for place, text in sorted(settings, key=lambda setting: setting[0].count(".")):
        config = _with_setting(config, place, text)  # names first: options depend on them
    return _with_known_place(catalog.check(config))


def _with_setting(config: RunConfig, place: str, text: str) -> RunConfig:
    knob = _knob_of(config, place)
    try:
        return with_value(config, place, knob.parse(text))
    except StudioError as wrong:
        raise StudioError(f"--set {place}: {wrong.sentence}") from None


def _knob_of(config: RunConfig, place: str) -> Knob:
    known = dict(_settings_of(config))
    if place not in known:
        close = closest(place, known)
        remedy = f"did you mean '{close}'?" if close else f"there are: {', '.join(known)}."
        raise StudioError(f"There is no setting '{place}'; {remedy}")
    return known[place]


def _settings_of(config: RunConfig) -> Iterator[tuple[str, Knob]]:
    yield from ((knob.path, knob) for knob in knobs())
    for path, field in catalog.OPTION_FIELDS.items():
        card = catalog.cards(knob_at(path).catalog).get(str(value_at(config, path)))
        yield from ((f"{field}.{knob.path}", knob) for knob in (card.knobs if card else ()))


def _split(text: str) -> tuple[str, str]:
    place, equals, value = text.partition("=")
    if not equals:
        raise StudioError(f"--set needs PLACE=VALUE, such as objective.beta=4; '{text}' has no =.")
    return place.strip(), value.strip()


def _with_known_place(config: RunConfig) -> RunConfig:
    """A folder of pictures gets a name: where it lies must not stand in a run folder."""
    from vae_studio.data.catalog import resolve

    return with_value(config, "data.dataset", resolve(config.data.dataset))


def _metavar(knob: Knob) -> str:
    return {"int": "N", "float": "X", "flag": "YES/NO", "polyline": "POINTS"}.get(knob.kind, "NAME")


def _facts(knob: Knob) -> str:
    """What may be written and what holds when nothing is: "whole number 1 to 512; default 2"."""
    names = [choice.value for choice in _choices(knob)]
    kind = "one of " + ", ".join(names) if names else NUMBERS.get(knob.kind, "name or folder")
    spread = (knob.low, knob.high)
    if None not in spread and not names:
        kind += f" {_plain(knob.low)} to {_plain(knob.high)}"
    default = "yes" if knob.default is True else "no" if knob.default is False else knob.default
    unit = f" {knob.unit}" if knob.unit else ""
    return f"{_used_by(knob)}{kind}{unit}; default {default}"


def _used_by(knob: Knob) -> str:
    """The objectives outside of which a setting does nothing; nothing where there are none."""
    quantity = next((q for q in QUANTITIES.values() if q.optional and knob.path in q.paths), None)
    if quantity is None:
        return ""
    cards = catalog.objectives().values()
    users = [card.name for card in cards if quantity.name in card.uses]
    others = [card.name for card in cards if quantity.name not in card.uses]
    if len(users) <= len(others):
        return f"with --objective {' or '.join(users)}; "
    return f"not with --objective {' or '.join(others)}; "


def _choices(knob: Knob) -> tuple:
    if knob.catalog == "dataset":
        return ()
    return catalog.choices(knob.catalog) if knob.catalog else knob.choices


def _plain(value: float | None) -> str:
    return f"{value:.15g}" if value is not None else ""
