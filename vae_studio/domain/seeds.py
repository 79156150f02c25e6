"""Randomness as a function of (seed, purpose, counter): nothing to save, nothing to restore."""

from __future__ import annotations

import hashlib


def seed_for(seed: int, *purpose: str | int) -> int:
    """A 63-bit seed that depends on all its arguments and on nothing else.

    ``seed_for(run_seed, "order", epoch)`` and ``seed_for(run_seed, "step", step)`` give the same
    answer in every process, so a resumed run draws what the uninterrupted one would have drawn.
    """
    text = "\x1f".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
