"""Ctrl-C and SIGTERM ask a run to save and stop; a second Ctrl-C does not wait for it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_signals(
    request_stop: Callable[[], None], words: str = "Stopping after this batch and saving …"
) -> Iterator[None]:
    """While inside, the first signal calls ``request_stop``; the second interrupts at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        request_stop()
        print(f"\n{words}", file=sys.stderr, flush=True)

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """While inside, SIGTERM ends the process as Ctrl-C does: what is open gets closed."""
    with _interrupted_by(signal.SIGTERM):
        yield


@contextmanager
def _interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """While inside, each of these signals raises KeyboardInterrupt."""

    def handle(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wants_another_try() -> bool:
    """Wait at a terminal for Enter; False for Ctrl-C, Ctrl-D, and where nobody is there."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    print("Press Enter to try again, or Ctrl-D to end here.", file=sys.stderr, flush=True)
    try:
        with _interrupted_by(signal.SIGINT, signal.SIGTERM):
            return sys.stdin.readline() != ""
    except KeyboardInterrupt:
        return False
