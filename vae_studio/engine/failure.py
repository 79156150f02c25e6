"""What went wrong in a run, in one sentence a person can act on, and the details for a report."""

from __future__ import annotations

import traceback

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import RunFailed
from vae_studio.engine.memory import is_out_of_memory


class Diverged(StudioError):  # noqa: N818 - a fact about the run, told in its sentence
    """A number that must be finite is not; what would have spread it was not done."""


def explain(wrong: Exception, *, step: int, learning_rate: float, folder: str) -> RunFailed:
    """The end of a run by an exception out of the training loop.

    ``learning_rate`` is the one in force, ``folder`` where the run is kept (empty: nowhere).
    """
    details = "".join(traceback.format_exception(wrong))
    if isinstance(wrong, Diverged):
        return _diverged(wrong, learning_rate, folder)
    if isinstance(wrong, StudioError):
        return RunFailed(wrong.sentence, wrong.details or details, folder)
    if is_out_of_memory(wrong):
        sentence = (
            f"The device ran out of memory at step {step:,}. Train with a smaller batch, a "
            "narrower network or smaller pictures."
        )
        return RunFailed(sentence, details, folder)
    sentence = (
        f"Training stopped at step {step:,} by an unexpected error ({type(wrong).__name__}: "
        f"{wrong}). The model as it was before is still there to explore; the details help to "
        "report it."
    )
    return RunFailed(sentence, details, folder)


def _diverged(wrong: Diverged, learning_rate: float, folder: str) -> RunFailed:
    half = learning_rate / 2
    how = "Go on from the last good checkpoint" if folder else "Train again"
    remedy = f"{how} with half the learning rate ({half:.3g}), or train with a longer warm-up."
    return RunFailed(f"{wrong.sentence} {remedy}", wrong.details, folder, half if folder else 0.0)
