"""``vae-studio evaluate``: how good a run is on pictures it never saw."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from vae_studio.commands.parsing import Parser, existing_folder
from vae_studio.commands.words import large, splits_table

DESCRIPTION = "Measure a run: NELBO = distortion + rate in nats per image, and its active units."


def parser() -> Parser:
    """All options of the command."""
    made = Parser("evaluate", "RUN [options]", DESCRIPTION)
    add = made.add_argument
    add("run", metavar="RUN", help="name of a run, the beginning of one, or a run folder")
    add("--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first")
    add("--json", action="store_true", help="print the numbers as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Evaluate as the words ask; answers the exit code."""
    options = parser().read(words)

    from vae_studio.runs.library import find_run

    run = find_run(options.run)

    from vae_studio.commands.progress import Progress
    from vae_studio.evaluation.report import evaluate_run

    progress = Progress(sys.stderr, quiet=options.json)
    report = evaluate_run(run, data_dir=options.data_dir, progress=progress.loading)
    progress.erase()
    print(json.dumps(report, indent=2, ensure_ascii=False) if options.json else _text(report))
    return 0


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"{report['run']}, step {large(report['step'])}",
        splits_table(report),
        f"{report['active_units']} of {report['units']} units are active",
    ]
    if not report["same_data"]:
        lines.append("These are not the pictures the run was trained on.")
    return "\n".join(lines)
