"""MIG and SAP: how far the best unit for a factor is ahead of the second best.

N pictures, D units, F factors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_studio.evaluation.factors.binned import (
    Codes,
    Factors,
    binned,
    counts_of,
    entropy,
    mutual_information,
    varying,
)


def mig(codes_ND: Codes, factors_NF: Factors) -> float:
    """Mutual information gap, 0 to 1 (Chen et al. 2018, 1802.04942, equation 6).

    Mean over factors of (I(best unit; v) − I(second best; v)) / H(v), codes in 20 equal bins.
    """
    bins_ND = binned(codes_ND)
    gaps = []
    for f in varying(factors_NF):
        value_N = factors_NF[:, f]
        told_D = np.array([mutual_information(bins_ND[:, d], value_N) for d in _units(bins_ND)])
        gaps.append(_gap(told_D) / entropy(np.bincount(value_N)))
    return float(np.mean(gaps))


def sap(codes_ND: Codes, factors_NF: Factors) -> float:
    """Separated attribute predictability, 0 to 1 (Kumar et al. 2018, 1711.00848, section 3).

    Mean over factors of the gap between the two units from which a factor is guessed best. Every
    factor counts as a class; a guess is the commonest value in the unit's bin, learnt on every
    other picture and tested on the rest, with chance subtracted: 0 is the commonest value overall,
    1 is never wrong. (Published scores use an SVM and keep chance; they are lower.)
    """
    bins_ND = binned(codes_ND)
    gaps = [
        _gap(np.array([_guessed(bins_ND[:, d], factors_NF[:, f]) for d in _units(bins_ND)]))
        for f in varying(factors_NF)
    ]
    return float(np.mean(gaps))


def _guessed(bin_N: NDArray[np.int64], value_N: NDArray[np.int64]) -> float:
    best_B = counts_of(np.append(bin_N[::2], bin_N.max()), np.append(value_N[::2], 0)).argmax(1)
    right = float((best_B[bin_N[1::2]] == value_N[1::2]).mean())
    chance = float((np.bincount(value_N[::2]).argmax() == value_N[1::2]).mean())
    return max(0.0, (right - chance) / (1 - chance))


def _gap(score_D: NDArray[np.float64]) -> float:
    """The best minus the second best; with a single unit the second best is 0."""
    ordered = np.sort(np.append(score_D, 0.0))
    return float(ordered[-1] - ordered[-2])


def _units(bins_ND: NDArray[np.int64]) -> range:
    return range(bins_ND.shape[1])
