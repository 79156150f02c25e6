"""VAE_STUDIO_OFFLINE=1: no part of the program, and no library in it, reaches another machine."""

from __future__ import annotations

import os
import sys
from typing import Any

from vae_studio.domain.errors import StudioError

LOOPBACK = ("localhost", "127.", "::1")  # processes of one training talk to each other there


def is_offline() -> bool:
    """Whether VAE_STUDIO_OFFLINE forbids every connection."""
    return os.environ.get("VAE_STUDIO_OFFLINE", "").lower() not in ("", "0", "no", "false")


def forbid_connections() -> None:
    """Let every connection from here on be an error, if the person wished so. Cannot be undone:
    Python keeps audit hooks to its end.
    """
    if is_offline():
        sys.addaudithook(refuse_connection)


def refuse_connection(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise StudioError for an event that would reach another machine."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # Unix sockets have a path
    elif event == "socket.getaddrinfo":
        host = arguments[0] or ""
    else:
        return
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name and not name.startswith(LOOPBACK):
        raise StudioError(f"VAE_STUDIO_OFFLINE=1 forbids the connection to {name}; unset it first.")
