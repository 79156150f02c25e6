"""The live pictures, each made in slices: generators that yield between slices."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.reports import (
    CodesEncoded,
    Reconstructed,
    Sampled,
    TilesDecoded,
    TilesWanted,
)
from vae_studio.worker.holding import Holding
from vae_studio.worker.pace import SliceSize

POINTS = 2_000  # test pictures on the map: enough to see clusters, 20 ms to encode
PAIRS = 16  # test pictures shown with their reconstruction

T = TypeVar("T")
Slices = Generator[None, None, T]
Array = NDArray[Any]


def tiles(holding: Holding, wanted: TilesWanted, size: SliceSize) -> Slices[TilesDecoded | None]:
    """The mosaic of a plane; None when the plane is not of this model's code space."""
    if wanted.plane.units != holding.probe.vae.units:
        return None
    codes = wanted.plane.grid(wanted.rows, wanted.columns, wanted.extent)
    pictures = yield from _sliced(codes, holding.probe.decode, size)
    _, height, width, channels = pictures.shape
    grid = pictures.reshape(wanted.rows, wanted.columns, height, width, channels)
    mosaic = grid.swapaxes(1, 2).reshape(wanted.rows * height, wanted.columns * width, channels)
    mosaic = np.ascontiguousarray(mosaic)
    return TilesDecoded(wanted.extent, wanted.rows, wanted.columns, mosaic, holding.step)


def codes(holding: Holding, size: SliceSize) -> Slices[CodesEncoded | None]:
    """Where the first test pictures fall; None without pictures."""
    shown = holding.shown
    if shown is None:
        return None

    def encode(images: Array) -> Array:
        encoded = holding.probe.encode(images)
        return np.stack([encoded.mean_ND, encoded.sigma_ND], axis=1)

    both = yield from _sliced(shown.images_NCHW[:POINTS], encode, size)
    labels = None if shown.labels_N is None else shown.labels_N[:POINTS]
    return CodesEncoded(both[:, 0].copy(), both[:, 1].copy(), labels, holding.step)


def reconstructions(holding: Holding, size: SliceSize) -> Slices[Reconstructed | None]:
    """The first test pictures and what comes back; None without pictures."""
    shown = holding.shown
    if shown is None:
        return None
    originals = shown.images_NCHW[:PAIRS]
    back = yield from _sliced(originals, holding.probe.reconstruct, size)
    return Reconstructed(np.ascontiguousarray(originals.transpose(0, 2, 3, 1)), back, holding.step)


def samples(
    holding: Holding, count: int, seed: int, temperature: float, size: SliceSize
) -> Slices[Sampled]:
    """Decoded prior samples from a fixed seed, so that only the model changes."""
    drawn = holding.probe.codes(count, seed=seed, temperature=temperature)
    pictures = yield from _sliced(drawn, holding.probe.decode, size)
    return Sampled(pictures, holding.step, temperature)


def _sliced(items: Array, make: Callable[..., Array], size: SliceSize) -> Slices[Array]:
    parts, start = [], 0
    while start < len(items):
        began = time.thread_time()
        chunk = items[start : start + size.size]
        parts.append(make(chunk))
        start += len(chunk)
        if len(chunk) == size.size:
            size.took(time.thread_time() - began)
        yield None
    return np.concatenate(parts)
