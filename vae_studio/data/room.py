"""Whether pictures fit into memory, asked before they are read."""

from __future__ import annotations

from vae_studio.domain.errors import StudioError

COPIES = 2.5  # what loading holds for a moment: what was read, and the parts cut out of it


def check_room(needed_bytes: int, what: str, remedy: str) -> None:
    """Raise StudioError when ``needed_bytes`` of pictures do not fit into free memory."""
    import psutil  # type: ignore[import-untyped]  # costs 20 ms

    free = psutil.virtual_memory().available
    if COPIES * needed_bytes > free:
        raise StudioError(
            f"{what} takes {COPIES * needed_bytes / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free; {remedy}."
        )
