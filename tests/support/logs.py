"""An unexpected warning in the log fails the test in which it was written."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest


class Listener(logging.Handler):
    """Keeps every record of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def unexpected(self, patterns: list[str]) -> list[str]:
        """The messages that none of the regular expressions finds."""
        lines = [f"{record.name}: {record.getMessage()}" for record in self.records]
        return [line for line in lines if not any(re.search(p, line) for p in patterns)]


@pytest.fixture(autouse=True)
def quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """``@pytest.mark.expects_log("regex")`` allows a warning; any other one fails the test."""
    listener = Listener()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    patterns = [mark.args[0] for mark in request.node.iter_markers("expects_log")]
    unexpected = listener.unexpected(patterns)
    assert not unexpected, "unexpected log lines:\n" + "\n".join(unexpected)
