"""How long loading and downloading report, and how the person cancels them."""

from __future__ import annotations

from collections.abc import Callable

from vae_studio.domain.errors import StudioError

#: Told the share done (0 to 1) and a short sentence; answers False to cancel.
Progress = Callable[[float, str], bool]


class LoadCancelled(StudioError):  # noqa: N818 - not a failure: the person wished it
    """The person cancelled; no set was changed. What was brought or prepared so far may stay."""


def report(progress: Progress | None, share: float, sentence: str) -> None:
    """Tell ``progress`` (if any); raises LoadCancelled when it answers False."""
    if progress is not None and progress(min(max(share, 0.0), 1.0), sentence) is False:
        raise LoadCancelled("Loading was cancelled.")
