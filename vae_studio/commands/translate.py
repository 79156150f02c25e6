"""``vae-studio translate``: settings of other code as a command line of ours, with what changed."""

from __future__ import annotations

import json
import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_studio.commands.parsing import Parser
from vae_studio.domain.config import OPTION_FIELDS, RunConfig, knobs, to_dict, value_at
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Value
from vae_studio.engine import catalog

if TYPE_CHECKING:
    from vae_studio.domain.translate.translation import Translation

DESCRIPTION = """\
Turn settings of PyTorch-VAE, pythae or disentangling-vae into a `vae-studio train` that learns the
same, and say what its loss comes to. A recipe is a YAML, JSON or .ini file, or a file with the
command line of disentangling-vae. Several files (pythae has two) are read as one recipe."""

WIDTH = 98  # as wide as the help


def parser() -> Parser:
    """All options of the command."""
    made = Parser("translate", "RECIPE [RECIPE ...] [options]", DESCRIPTION)
    add = made.add_argument
    add("recipes", nargs="+", metavar="RECIPE", help="a file of settings; - reads standard input")
    add("--json", action="store_true", help="print settings, notes and effective β as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Translate as the words ask; answers the exit code."""
    options = parser().read(words)

    from vae_studio.domain.translate.translation import translate

    found = translate("\n---\n".join(_text_of(name) for name in options.recipes), catalog)
    if options.json:
        print(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        print(_as_text(found))
    return 0


def train_words(config: RunConfig) -> list[str]:
    """The words after `vae-studio train` that spell ``config``."""
    words = []
    for knob in knobs():
        value = value_at(config, knob.path)
        if value != knob.default:
            given = _spelled(value)
            words += [knob.flag, given] if knob.flag else ["--set", f"{knob.path}={given}"]
    for place, value in _options_of(config):
        words += ["--set", f"{place}={_spelled(value)}"]
    return words


def _options_of(config: RunConfig) -> Iterator[tuple[str, Value]]:
    for field in OPTION_FIELDS.values():
        section, name = field.split(".")
        for option, value in getattr(getattr(config, section), name).items():
            yield f"{field}.{option}", value


def _spelled(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _text_of(name: str) -> str:
    from vae_studio.domain.translate.reading import LIMIT_BYTES

    if name == "-":
        content = sys.stdin.buffer.read(LIMIT_BYTES + 1)
    else:
        path = Path(name).expanduser()
        if not path.is_file():
            raise StudioError(f"There is no file '{name}'.")
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = "what came from standard input" if name == "-" else f"'{name}'"
        raise StudioError(f"A recipe is text in UTF-8, and {what} is not.") from None


def _as_json(found: Translation) -> dict[str, Any]:
    return {
        "style": found.style,
        "command": shlex.join(["vae-studio", "train", *train_words(found.config)]),
        "config": to_dict(found.config),
        "notes": found.notes,
        "unknown": found.unknown,
        "effective_beta": found.beta.value,
        "normalised_beta": found.beta.normalised,
        "sentence": found.beta.sentence,
    }


def _as_text(found: Translation) -> str:
    lines = [shlex.join(["vae-studio", "train", *train_words(found.config)]), ""]
    notes = [*found.notes]
    if found.unknown:
        notes.append(f"Without a counterpart here: {', '.join(found.unknown)}.")
    lines += [textwrap.fill(f"- {note}", WIDTH, subsequent_indent="  ") for note in notes]
    told = " ".join(part for part in (found.beta.sentence, found.beta.reason) if part)
    return "\n".join([*lines, "", textwrap.fill(told, WIDTH)])
