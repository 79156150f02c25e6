"""An argument parser that complains in one sentence and suggests what may have been meant."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from vae_studio.domain.errors import StudioError


class Parser(argparse.ArgumentParser):
    """argparse, but every complaint is a StudioError (``vae_studio.cli`` prints it)."""

    def __init__(self, command: str, usage: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=f"vae-studio {command}",
            usage=f"vae-studio {command} {usage}", description=_literal(description),
            epilog=_literal(epilog), allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The options the words spell; StudioError for anything unknown or missing."""
        options, unknown = self.parse_known_args(list(words))
        if unknown:
            raise StudioError(self._unknown(unknown[0]))
        return options

    def error(self, message: str) -> NoReturn:
        """argparse found a fault: say it in a sentence."""
        raise StudioError(f"{_sentence(message)} See `{self.prog} --help`.")

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"'{word}' is one argument too many. See `{self.prog} --help`."
        flag = word.split("=")[0]
        known = [flag for action in self._actions for flag in action.option_strings]
        close = closest(flag, known)
        remedy = f"did you mean '{close}'?" if close else f"see `{self.prog} --help`."
        return f"There is no option '{flag}'; {remedy}"


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` may be a slip of."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def existing_folder(text: str) -> Path:
    """An option's value that must be a folder."""
    path = Path(text).expanduser()
    if not path.is_dir():
        raise StudioError(f"There is no folder '{text}'.")
    return path


def whole_number(text: str) -> int:
    """An option's value that must be a whole number."""
    try:
        return int(text)
    except ValueError:
        raise StudioError(f"'{text}' is not a whole number.") from None


def number(text: str) -> float:
    """An option's value that must be a number."""
    try:
        value = float(text)
    except ValueError:
        raise StudioError(f"'{text}' is not a number.") from None
    if value != value or abs(value) == float("inf"):
        raise StudioError(f"'{text}' is not a finite number.")
    return value


def help_text(text: str) -> str:
    """Plain text as argparse wants it: it would take a per cent sign for a place holder."""
    return text.replace("%", "%%")


_literal = help_text


def _sentence(message: str) -> str:
    needs_value = re.match(
        r"argument (\S+?)(?:/\S+)?: expected (?:one|at least one) argument", message
    )
    if needs_value:
        return f"{needs_value[1]} needs a value."
    missing = re.match(r"the following arguments are required: (.+)", message)
    if missing:
        return f"{missing[1]} is missing."
    choice = re.match(r"argument (\S+): invalid choice: '(.*?)' \(choose from (.*)\)", message)
    if choice:
        known = choice[3].replace("'", "")
        return f"{choice[1]} does not know '{choice[2]}'; use one of: {known}."
    return message[:1].upper() + message[1:].rstrip(".") + "."
