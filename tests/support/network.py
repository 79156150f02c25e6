"""Nothing in the suite may talk to another machine; loopback servers of a test are fine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None}

_attempts: list[str] = []
_watching = False


class OutsideConnectionError(ConnectionError):
    """A test tried to reach another machine."""


def destination(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The host an audit event is about to reach, or None when it stays on this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # Unix sockets have a path
    else:
        return None
    host = host.decode() if isinstance(host, bytes) else host
    return None if host in LOOPBACK or str(host).startswith("127.") else str(host)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith("socket."):
        host = destination(event, arguments)
        if host is not None:
            _attempts.append(host)
            raise OutsideConnectionError(f"a test tried to reach {host}")


sys.addaudithook(_audit)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[list[str]]:
    """Connections beyond loopback raise, and fail the test even where the error is swallowed."""
    global _watching
    _attempts.clear()
    _watching = True
    yield _attempts
    _watching = False
    assert not _attempts, f"the test tried to reach: {', '.join(_attempts)}"
