"""Codes as bins, and what bins tell. N pictures, D units, F factors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.floating]
Factors = NDArray[np.int64]

BINS = 20
FOLDS = 10


def binned(codes_ND: Codes, bins: int = BINS) -> NDArray[np.int64]:
    """Which of ``bins`` equally wide bins of its unit's range each code lies in, (N, D)."""
    low_D, high_D = codes_ND.min(0), codes_ND.max(0)
    width_D = np.where(high_D > low_D, high_D - low_D, 1.0)
    return np.minimum((codes_ND - low_D) / width_D * bins, bins - 1).astype(np.int64)


def counts_of(first_N: NDArray[np.int64], second_N: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each pair of values occurs, (values of the first, values of the second)."""
    shape = int(first_N.max()) + 1, int(second_N.max()) + 1
    flat = np.bincount(first_N * shape[1] + second_N, minlength=shape[0] * shape[1])
    return flat.reshape(shape)


def entropy(counts: NDArray[np.int64]) -> float:
    """−Σ p ln p of a histogram, in nats."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


def mutual_information(first_N: NDArray[np.int64], second_N: NDArray[np.int64]) -> float:
    """I = H(a) + H(b) − H(a, b) of two columns of whole numbers, in nats."""
    counts = counts_of(first_N, second_N)
    return entropy(counts.sum(1)) + entropy(counts.sum(0)) - entropy(counts.ravel())


def varying(factors_NF: Factors) -> list[int]:
    """The factors with more than one value here: of the others nothing can be learnt."""
    return [f for f in range(factors_NF.shape[1]) if np.ptp(factors_NF[:, f]) > 0]


def jackknife_error(
    score: Callable[[Codes, Factors], float], codes_ND: Codes, factors_NF: Factors
) -> float:
    """Standard error of a score from leaving out a tenth of the pictures at a time (Efron 1982)."""
    fold_N = np.arange(len(codes_ND)) % FOLDS
    found = [score(codes_ND[fold_N != k], factors_NF[fold_N != k]) for k in range(FOLDS)]
    return float(np.sqrt((FOLDS - 1) * np.var(found)))
