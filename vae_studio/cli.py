"""The command ``vae-studio``: opens the app, or runs one of its commands without a window.

Nothing heavy is imported here: ``--help`` and every complaint answer before torch or Qt could load.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from vae_studio import __version__
from vae_studio.commands.parsing import closest
from vae_studio.data.download_offline import forbid_connections
from vae_studio.domain.errors import StudioError

#: What each command is for; its module in ``vae_studio.commands`` has the same name.
COMMANDS = {
    "train": "train a model without a window",
    "resume": "go on with a run that was stopped or interrupted",
    "evaluate": "measure a run on pictures it never saw",
    "fit-prior": "fit a better prior to the codes of a run, in seconds",
    "sample": "draw a grid of samples of a run as a PNG",
    "runs": "list the runs on this computer",
    "datasets": "list the sets of pictures and whether they are here",
    "translate": "turn settings of PyTorch-VAE, pythae or disentangling-vae into ours",
    "bench": "measure this computer: training, window, start-up",
}

WRONG_USE = 2  # exit code of everything the person can mend
FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments (default: those of the process) ask for; answers the exit code."""
    _survive_narrow_encodings()
    forbid_connections()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(words)
    except StudioError as wrong:
        return _complain(wrong.sentence, WRONG_USE)
    except KeyboardInterrupt:
        return _complain("Interrupted.", 130)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        return _complain(f"{error.filename}: {error.strerror}.", WRONG_USE)


def usage() -> str:
    """What ``vae-studio --help`` prints."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    return f"""\
usage: vae-studio [RUN]            open the app, on a run if one is named
       vae-studio COMMAND [...]    do something without a window

Train a variational autoencoder and watch it learn.

commands:
{commands}

options:
  -h, --help     show this text; `vae-studio COMMAND --help` explains a command
  -V, --version  show the version

Runs lie in the folder VAE_STUDIO_RUNS, pictures are looked for in VAE_STUDIO_DATA first."""


def _dispatch(words: list[str]) -> int:
    first, rest = (words[0], words[1:]) if words else ("", [])
    if first in COMMANDS:
        return int(import_module(f"vae_studio.commands.{first.replace('-', '_')}").main(rest))
    if first in ("-h", "--help"):
        print(usage())
        return 0
    if first in ("-V", "--version"):
        print(f"vae-studio {__version__}")
        return 0
    return _open_app(first, rest)


def _open_app(first: str, rest: list[str]) -> int:
    if first.startswith("-"):
        raise StudioError(f"There is no option '{first}'; `vae-studio --help` lists what there is.")
    if rest:
        raise StudioError(f"There is no command '{first}'{_hint(first)}")
    run = _run_named(first) if first else None

    gc.disable()  # importing makes no garbage; the window's housekeeper collects from then on
    from vae_studio import app

    return int(app.main(run))


def _run_named(text: str) -> Path:
    from vae_studio.runs.library import find_run

    try:
        return find_run(text)
    except StudioError:
        if Path(text).exists() or closest(text, COMMANDS) is None:
            raise
    raise StudioError(f"There is no command or run '{text}'{_hint(text)}")


def _hint(word: str) -> str:
    close = closest(word, COMMANDS)
    return f"; did you mean '{close}'?" if close else "; `vae-studio --help` lists all commands."


def _complain(sentence: str, code: int) -> int:
    print(f"vae-studio: {sentence}", file=sys.stderr)
    return code


def _survive_narrow_encodings() -> None:
    """A terminal or pipe without β, σ or × shows a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
