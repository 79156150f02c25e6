"""``vae-studio resume``: go on where a run stopped, bit for bit as if it never had."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from vae_studio.commands.parsing import Parser, existing_folder

DESCRIPTION = "Go on with a run that was stopped or interrupted, to the bit as if it never was."


def parser() -> Parser:
    """All options of the command."""
    made = Parser("resume", "RUN [options]", DESCRIPTION)
    add = made.add_argument
    add("run", metavar="RUN", help="name of a run, the beginning of one, or a run folder")
    add("--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first")
    add(
        "--lr",
        type=float,
        metavar="RATE",
        help="go on with this learning rate, such as half of one that was too high",
    )
    add("--quiet", action="store_true", help="show no progress, only the summary")
    add("--json", action="store_true", help="print the summary as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Resume as the words ask; answers the exit code."""
    options = parser().read(words)

    from vae_studio.runs.library import find_run

    run = find_run(options.run)

    from vae_studio.commands.progress import Progress
    from vae_studio.commands.stopping import terminate_as_interrupt
    from vae_studio.commands.training import train_to_the_end

    progress = Progress(sys.stderr if options.json else sys.stdout, quiet=options.quiet)
    progress.say("Loading pictures and the last checkpoint …")
    with terminate_as_interrupt():
        from vae_studio.engine.session import resume_session

        trainer = resume_session(
            run, learning_rate=options.lr, data_dir=options.data_dir, progress=progress.loading
        )
    progress.end_line()
    return train_to_the_end(trainer, progress, as_json=options.json)
