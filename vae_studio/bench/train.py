"""How fast training is: against two loops of others and against the machine's own limit.

All four take turns within one run, so that a noisy machine is noisy for all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vae_studio.bench import loops
from vae_studio.bench.machine import machine
from vae_studio.data.catalog import load_splits

ROUNDS = 7
TURN_S = 1.0
WARM_BATCHES = 10


def measure(*, data_dir: Path | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
    """Images per second of the 784-400-20 net at batch 128 (medians over ``rounds`` turns).

    ``ratio_to_data_loader`` and ``share_of_limit`` are medians of the ratios within each round.
    """
    splits = load_splits("mnist" if data_dir else "fashion-mini", data_dir=data_dir)
    contenders = {
        "ours": loops.ours(splits),
        "data_loader": loops.data_loader(splits),
        "in_memory": loops.in_memory(splits),
        "matrix_products_only": loops.products_only(),
    }
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, loop in contenders.items():
            speeds[name].append(_speed(loop))
    return {
        "images_per_second": {n: round(statistics.median(s)) for n, s in speeds.items()},
        "ratio_to_data_loader": _ratio(speeds["ours"], speeds["data_loader"]),
        "ratio_to_in_memory": _ratio(speeds["ours"], speeds["in_memory"]),
        "share_of_limit": _ratio(speeds["ours"], speeds["matrix_products_only"]),
        "net": "784-400-20, batch 128, fp32",
        "data": splits.title,
        "rounds": rounds,
        "machine": machine(),
    }


def _speed(loop: Iterator[int]) -> float:
    for _ in range(WARM_BATCHES):
        next(loop)
    images, start = 0, time.perf_counter()
    while time.perf_counter() - start < TURN_S:
        images += next(loop)
    return images / (time.perf_counter() - start)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 2)
