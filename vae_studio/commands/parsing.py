"""An argument parser that complains in one sentence and suggests what may have been meant."""

from __future__ import annotations

import argparse
import difflib
import math
import os
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
            usage=f"vae-studio {command} {usage}", description=help_text(description),
            epilog=help_text(epilog), allow_abbrev=False,
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
        raise StudioError(f"{_clause(message)}; see `{self.prog} --help`.")

    def _unknown(self, word: str) -> str:
        remedy = f"see `{self.prog} --help`."
        if not word.startswith("-"):
            return f"'{word}' is one argument too many; {remedy}"
        flag = word.split("=")[0]
        known = [option.lstrip("-") for action in self._actions for option in action.option_strings]
        close = closest(flag.lstrip("-"), known)
        guess = f"did you mean '--{close}'?"
        return f"There is no option '{flag}'; {guess if close else remedy}"


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` may be a slip of."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def existing_folder(text: str) -> Path:
    """An option's value that must be a folder."""
    path = Path(text).expanduser()
    if not path.is_dir():
        raise StudioError(f"There is no folder '{text}'.")
    return path


def new_folder(text: str) -> Path:
    """An option's value that must be a folder with nothing in it, or none yet."""
    path = Path(text).expanduser()
    if path.is_dir() and not any(path.iterdir()):
        return path
    if os.path.lexists(path):
        raise StudioError(f"'{text}' is not empty; a run needs a new folder or an empty one.")
    return path


def whole_number(text: str) -> int:
    """An option's value that must be a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"needs a whole number, and '{text}' is none") from None


def number(text: str) -> float:
    """An option's value that must be a number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"needs a number, and '{text}' is none")
    return value


def help_text(text: str) -> str:
    """Plain text as argparse wants it: it would take a per cent sign for a place holder."""
    return text.replace("%", "%%")


def _clause(message: str) -> str:
    """What argparse complains about, as the beginning of a sentence."""
    missing = re.match(r"the following arguments are required: (.+)", message)
    if missing:
        names = missing[1].split(", ")
        return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
    about = re.match(r"argument (\S+?)(?:/\S+)?: (.+)", message, re.DOTALL)
    if not about:
        return message.rstrip(".")
    choice = re.match(r"invalid choice: '(.*?)' \(choose from (.*)\)", about[2])
    if choice:
        known = choice[2].replace("'", "")
        return f"{about[1]} does not know '{choice[1]}' but only {known}"
    value = "needs a value" if about[2].startswith("expected") else about[2]
    return f"{about[1]} {value}"
