"""Drives a trainer to its end and tells the person about it; ``train`` and ``resume`` share it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_studio.commands.progress import Progress
from vae_studio.commands.stopping import stop_on_signals, wants_another_try
from vae_studio.commands.words import summary_text
from vae_studio.domain.atomic import shown
from vae_studio.domain.events import DiskRefused, RunFailed, RunFinished

if TYPE_CHECKING:
    from vae_studio.engine.trainer import Trainer

FAILED = 1


def train_to_the_end(trainer: Trainer, progress: Progress, *, as_json: bool) -> int:
    """Run it, show it, print its summary; answers the exit code."""
    folder = trainer.recorder.folder.path if trainer.recorder.folder else None
    end: RunFinished | RunFailed | DiskRefused | None = None
    with stop_on_signals(trainer.request_stop):
        for event in trainer.run():
            progress.show(event)
            if isinstance(event, RunFinished | RunFailed):
                end = event
            elif isinstance(event, DiskRefused) and not wants_another_try():
                end = event
                trainer.recorder.close()
                break
    progress.end_line()
    if isinstance(end, RunFinished):
        _tell(end, progress, folder, as_json=as_json)
        return 0
    _tell_failure(end, folder)
    return FAILED


def _tell_failure(end: RunFailed | DiskRefused | None, folder: Path | None) -> None:
    if not isinstance(end, DiskRefused):  # which was told when it came
        sentence = end.sentence if end else "The run ended without saying why."
        print(f"vae-studio: {sentence}", file=sys.stderr)
    if folder is None:
        return
    print(f"What was saved is in {shown(folder)}.", file=sys.stderr)
    rate = f" --lr {end.half_rate:g}" if isinstance(end, RunFailed) and end.half_rate else ""
    if rate or isinstance(end, DiskRefused):
        print(f"Go on: vae-studio resume {_as_word(folder)}{rate}", file=sys.stderr)


def _tell(end: RunFinished, progress: Progress, folder: Path | None, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_with_place(end.summary, folder), indent=2, ensure_ascii=False))
        return
    print(("Stopped.\n" if end.stopped else "") + summary_text(end.summary))
    if folder:
        name = _as_word(folder)
        follow = (
            f"vae-studio resume {name}"
            if end.stopped
            else f"vae-studio sample {name} --out grid.png"
        )
        print(f"Saved in {shown(folder)}\n{'Go on' if end.stopped else 'See it'}: {follow}")


def _with_place(summary: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    return {**summary, "run": str(folder)} if folder else summary


def _as_word(folder: Path) -> str:
    """The shortest text that ``find_run`` takes for this folder, quoted where a shell needs it."""
    import shlex

    from vae_studio.runs.library import runs_root

    text = folder.name if folder.parent == runs_root() else str(folder)
    return shlex.quote(text)
