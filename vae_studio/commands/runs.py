"""``vae-studio runs``: what was trained on this computer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from vae_studio.commands.parsing import Parser
from vae_studio.commands.words import large, table
from vae_studio.domain.atomic import shown
from vae_studio.runs.library import RunListing, list_runs, runs_root

HEAD = ("run", "state", "set", "step", "test NELBO", "convention")


def parser() -> Parser:
    """All options of the command."""
    made = Parser("runs", "[--json]", "List the runs on this computer, newest first.")
    made.add_argument("--json", action="store_true", help="print the list as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """List the runs; answers the exit code."""
    options = parser().read(words)
    found = list_runs()
    if options.json:
        print(json.dumps([_fields(run) for run in found], indent=2, ensure_ascii=False))
    elif found:
        print(table(HEAD, [_row(run) for run in found], right=(3, 4)))
    else:
        print(f"No runs yet in {shown(runs_root())}. `vae-studio train` makes one.")
    return 0


def _row(run: RunListing) -> list[str]:
    nelbo = "" if run.test_nelbo is None else f"{run.test_nelbo:.2f}"
    steps = f"{large(run.step)}/{large(run.total_steps)}" if run.total_steps else ""
    return [run.name, run.state, run.dataset, steps, nelbo, run.problem or run.convention]


def _fields(run: RunListing) -> dict[str, object]:
    return {**dataclasses.asdict(run), "path": str(run.path)}
