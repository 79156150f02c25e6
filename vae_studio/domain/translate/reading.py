"""From a text to fields: YAML (JSON is YAML), an .ini file, or the words of a command line."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from collections.abc import Iterator, Mapping

import yaml

from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate.fields import Fields

LIMIT_BYTES = 1 << 20
MAX_FIELDS = 2_000  # YAML may name one list a billion times; settings have dozens of fields
MAX_DEPTH = 4

_INI = re.compile(r"\A(?:\s*(?:[#;].*)?\n)*\s*\[\w+\]\s*$", re.MULTILINE)
_WORDS = re.compile(r"\A\s*(?:\S*python\S*\s+\S*main\.py\s|--?[A-Za-z])")

#: Short options of disentangling-vae's main.py.
_SHORT = {
    "b": "batch_size", "d": "dataset", "e": "epochs", "l": "loss", "m": "model_type",
    "r": "rec_dist", "a": "reg_anneal", "s": "seed", "x": "experiment", "z": "latent_dim",
    "L": "log_level",
}  # fmt: skip


def read(text: str) -> Fields:
    """The fields of a recipe; StudioError where the text is none."""
    if len(text.encode("utf-8", "replace")) > LIMIT_BYTES:
        raise StudioError("This is no recipe: settings are shorter than 1 MB.")
    if _INI.match(text):
        return Fields(_from_ini(text))
    if _WORDS.match(text):
        return Fields(_from_words(text))
    values: dict[str, object] = {}
    documents = _documents(text)
    for number, document in enumerate(documents):
        if not isinstance(document, Mapping):
            raise StudioError("This is no recipe: it has no settings of the form 'name: value'.")
        before = f"{number}." if len(documents) > 1 else ""
        for place, value in _flat(document, before):
            values[place] = value
            if len(values) > MAX_FIELDS:
                raise StudioError(f"This is no recipe: it has more than {MAX_FIELDS:,} settings.")
    if not values:
        raise StudioError("There are no settings in this text.")
    return Fields(values)


def _documents(text: str) -> list[object]:
    try:
        return [json.loads(text)]  # YAML refuses the tabs that JSON allows
    except (ValueError, RecursionError):
        pass
    try:
        return [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.MarkedYAMLError as wrong:
        line = f" in line {wrong.problem_mark.line + 1}" if wrong.problem_mark else ""
        raise StudioError(f"This is neither YAML nor JSON nor an .ini file: error{line}.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise StudioError("This is neither YAML nor JSON nor an .ini file.") from None


def _flat(values: Mapping[object, object], before: str = "", depth: int = 1) -> Iterator[tuple]:
    for name, value in values.items():
        place = f"{before}{name}"
        if not isinstance(value, Mapping):
            yield place, value
        elif depth == MAX_DEPTH:
            raise StudioError(f"This is no recipe: '{place[:60]}' is nested too deeply.")
        else:
            yield from _flat(value, f"{place}.", depth + 1)


def _from_ini(text: str) -> dict[str, object]:
    """One section, or those that an experiment of disentangling-vae adds up: its defaults stand in
    [Custom], and "btcvae_celeba" lays [Common_celeba], [Common_btcvae] and its own on top."""
    parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # betaH_B has a large B
    try:
        parser.read_string(text)
        first = "Custom" if parser.has_section("Custom") else parser.sections()[0]
        values = dict(parser.items(first))
        experiment = _bare(values.get("experiment", ""))
        loss, _, data = experiment.rpartition("_")
        for section in (f"Common_{data}", f"Common_{loss}", experiment):
            if experiment and parser.has_section(section):
                values |= dict(parser.items(section))
    except configparser.Error as wrong:
        sentence = " ".join(wrong.message.split()).rstrip(".")
        raise StudioError(f"This .ini file cannot be read: {sentence[:120]}.") from None
    return {name: _bare(value) for name, value in values.items()}


def _bare(value: str) -> str:
    return value.strip().strip("\"'")


def _from_words(text: str) -> dict[str, object]:
    try:
        words = shlex.split(text.replace("\\\n", " "), comments=True)
    except ValueError:
        raise StudioError("This command line has a quotation mark without a partner.") from None
    values: dict[str, object] = {}
    name = ""
    for word in words:
        option = re.fullmatch(r"--?([A-Za-z][\w-]*)(?:=(.*))?", word, re.DOTALL)
        if option:
            name = option[1].replace("-", "_")
            name = _SHORT.get(name, name)
            values[name] = "true" if option[2] is None else option[2]
        elif name:
            values[name], name = word, ""
    return values
