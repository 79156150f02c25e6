"""``vae-studio bench``: the figures of the README, measured on this computer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from vae_studio.commands.parsing import Parser, existing_folder

#: What each benchmark measures; its module in ``vae_studio.bench`` has the same name.
BENCHES = {
    "train": "images per second against two other loops and the machine's limit",
    "gui": "what the open window costs the training, and how fast it answers",
    "data": "preparing pictures, and learning from sets that do not fit into memory",
    "startup": "time to --help and to the first painted window",
}


def parser() -> Parser:
    """All options of the command."""
    listed = "\n".join(f"  {name:<8} {what}" for name, what in BENCHES.items())
    made = Parser("bench", "WHAT [options]", f"Measure this computer.\n\n{listed}")
    made.add_argument("what", choices=tuple(BENCHES), metavar="WHAT", help=", ".join(BENCHES))
    made.add_argument(
        "--data-dir", type=existing_folder, metavar="DIR",
        help="where MNIST lies; without it the bundled pictures are used",
    )  # fmt: skip
    made.add_argument("--json", action="store_true", help="print the figures as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Measure as the words ask; answers the exit code."""
    options = parser().read(words)
    measure = import_module(f"vae_studio.bench.{options.what}").measure
    figures: dict[str, Any] = measure(data_dir=options.data_dir)
    if options.json:
        print(json.dumps(figures, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(figures)))
    return 0


def _lines(figures: dict[str, Any], prefix: str = "") -> list[str]:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{prefix}{name}.")
        else:
            lines.append(f"{prefix}{name:<{max(1, 40 - len(prefix))}} {value}")
    return lines
