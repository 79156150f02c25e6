"""The one exception that is meant to be read by a person."""

from __future__ import annotations


class StudioError(Exception):
    """Something the person can mend: one clear sentence that names the thing and the remedy.

    The command line prints it and leaves with exit code 2; the window shows it in a dialog or in
    the log. ``details`` may hold what only a curious reader wants (a path, a traceback).
    """

    def __init__(self, sentence: str, *, details: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details


class DiskError(StudioError):
    """A file could not be written or read. Trying again may help once the cause is gone."""
