"""A slot whose exception becomes a report: an error in a slot must never look like success."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import Any

from vae_studio.domain.errors import StudioError
from vae_studio.domain.reports import RequestFailed


def reports_failure(wish: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorates a slot of an object with a ``request_failed`` signal; ``wish`` in words."""

    def decorate(slot: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(slot)
        def guarded(self: Any, *arguments: Any) -> None:
            try:
                slot(self, *arguments)
            except Exception as wrong:
                self.request_failed.emit(failure(wish, wrong))

        return guarded

    return decorate


def failure(wish: str, wrong: Exception) -> RequestFailed:
    """The report for an exception."""
    details = "".join(traceback.format_exception(wrong))
    if isinstance(wrong, StudioError):
        return RequestFailed(wish, wrong.sentence, wrong.details or details)
    sentence = f"An unexpected error came between ({type(wrong).__name__}: {wrong})."
    return RequestFailed(wish, sentence, details)
