"""Numbers as the window writes them."""

from __future__ import annotations


def short_count(count: int) -> str:
    """ "950", "335 k", "1.35 M", "2.1 G"."""
    for size, sign in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.3g} {sign}"
    return str(count)
