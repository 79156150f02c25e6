"""Answers of the worker to requests, as they cross to the window: numpy and plain values only.

Pictures are uint8 arrays (N, H, W, C) with C = 1 (grey) or 3 (RGB). Codes are float32 (N, D).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import BatchesTrained, Validated
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.plane import LatentPlane

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class EngineReady:
    """torch is imported and warmed up. ``devices`` are usable ("cpu", "cuda", "mps")."""

    devices: tuple[str, ...]
    versions: dict[str, str]


@dataclass(frozen=True, eq=False)
class DataLoaded:
    """A set is in memory. ``pictures`` are the first 32 of a batch as the network sees them.
    ``caveat`` is a word that belongs on every number from them, or empty."""

    dataset: str
    title: str
    train: int
    validation: int
    test: int
    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    pictures: Pictures
    value_range: tuple[float, float]
    notes: tuple[str, ...] = ()
    caveat: str = ""
    patient_data: bool = False


@dataclass(frozen=True, eq=False)
class ModelChanged:
    """Another model is in the worker's hands: a new run, an opened run, or none (``units`` 0).

    ``origin`` is one muted sentence: "bundled example", "run 2026-11-22 mnist …".
    """

    units: int
    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    origin: str
    convention: str
    run_name: str
    step: int
    patient_data: bool = False


@dataclass(frozen=True, eq=False)
class RunResumed:
    """A run of before goes on: the settings in force, and what was recorded up to here."""

    config: RunConfig
    past: tuple[BatchesTrained | Validated, ...]


@dataclass(frozen=True, eq=False)
class CodeDecoded:
    """The mean picture of p(x|z) at one code, with the weights of ``step``."""

    code_D: Floats
    picture: Pictures  # (H, W, C)
    step: int


@dataclass(frozen=True, eq=False)
class TilesWanted:
    """The window wants tiles of this plane; stays in force until another one comes."""

    plane: LatentPlane
    extent: tuple[float, float, float, float]
    rows: int
    columns: int


@dataclass(frozen=True, eq=False)
class TilesDecoded:
    """The mosaic of a plane: one picture (rows · H, columns · W, C), top row first."""

    extent: tuple[float, float, float, float]
    rows: int
    columns: int
    mosaic: Pictures
    step: int


@dataclass(frozen=True, eq=False)
class CodesEncoded:
    """Posterior means and σ (N, D) of the first N test pictures, with labels (N,) or None."""

    mean_ND: Floats
    sigma_ND: Floats
    labels_N: NDArray[np.int64] | None
    step: int


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Test pictures and the decoder's mean of their posterior mean, pairwise."""

    originals: Pictures
    reconstructions: Pictures
    step: int


@dataclass(frozen=True, eq=False)
class Sampled:
    """Decoded prior samples from fixed seeds."""

    pictures: Pictures
    step: int
    temperature: float


@dataclass(frozen=True, eq=False)
class GridPreviewed:
    """The bytes of the PNG that *Save* would write, and its size."""

    spec: SampleGridSpec
    png: bytes
    size_px: tuple[int, int]
    step: int


@dataclass(frozen=True)
class GridExported:
    """The file is written whole. ``milliseconds`` from the request's arrival to the file."""

    path: str
    size_px: tuple[int, int]
    step: int
    milliseconds: float


@dataclass(frozen=True)
class RequestFailed:
    """A wish could not be granted; nothing was lost. ``wish`` is what was asked for, in words."""

    wish: str
    sentence: str
    details: str = ""
