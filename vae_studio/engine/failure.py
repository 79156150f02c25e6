"""What went wrong in a run, in one sentence a person can act on, and the details for a report."""

from __future__ import annotations

import traceback

import torch

from vae_studio.domain.errors import StudioError


def explain(wrong: BaseException, step: int) -> tuple[str, str]:
    """(sentence, details) for an exception out of the training loop."""
    details = "".join(traceback.format_exception(wrong))
    if isinstance(wrong, StudioError):
        return wrong.sentence, wrong.details or details
    if isinstance(wrong, torch.OutOfMemoryError | MemoryError):
        return (
            f"The device ran out of memory at step {step:,}. Train with a smaller batch, a "
            "narrower network or smaller pictures.",
            details,
        )
    return (
        f"Training stopped at step {step:,} by an unexpected error ({type(wrong).__name__}: "
        f"{wrong}). The model as it was before is still there to explore; the details help to "
        "report it.",
        details,
    )
