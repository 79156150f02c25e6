"""``vae-studio train``: the run that the form of the app would start, without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from vae_studio.commands.knob_flags import add_flags, card_options, config_from
from vae_studio.commands.parsing import Parser, existing_folder, new_folder

DESCRIPTION = """\
Train a model without a window. Ctrl-C saves and stops; `vae-studio resume` goes on.

Numbers are nats per image, summed over pixels and units: NELBO = D (reconstruction) + R (KL)."""


def parser() -> Parser:
    """All options of the command."""
    made = Parser("train", "[options]", DESCRIPTION, card_options())
    add_flags(made)
    place = made.add_argument_group("places and words")
    add = place.add_argument
    add("--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first")
    add(
        "--out",
        type=new_folder,
        metavar="DIR",
        help="the new run folder (default: a new one in VAE_STUDIO_RUNS)",
    )
    add("--name", metavar="NAME", help="what the run is called")
    add("--no-download", action="store_true", help="fail rather than fetch a set from the network")
    add("--quiet", action="store_true", help="show no progress, only the summary")
    add("--json", action="store_true", help="print the summary as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Train as the words ask; answers the exit code."""
    options = parser().read(words)
    config = config_from(options)

    from vae_studio.commands.progress import Progress
    from vae_studio.commands.stopping import terminate_as_interrupt
    from vae_studio.commands.training import train_to_the_end

    progress = Progress(sys.stderr if options.json else sys.stdout, quiet=options.quiet)
    progress.say("Loading pictures and building the model …")
    with terminate_as_interrupt():
        from vae_studio.engine.session import start_session

        trainer = start_session(
            config, data_dir=options.data_dir, out=options.out, name=options.name,
            download=not options.no_download, progress=progress.loading,
        )  # fmt: skip
    progress.end_line()
    return train_to_the_end(trainer, progress, as_json=options.json)
