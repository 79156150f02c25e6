"""Disentanglement, completeness, informativeness (Eastwood & Williams 2018, ICLR).

N pictures, D units, F factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_studio.evaluation.factors.binned import Codes, Factors, binned, varying
from vae_studio.evaluation.factors.forest import Forest

TREE_BINS = 32


@dataclass(frozen=True)
class Dci:
    """All 0 to 1. ``disentanglement``: each unit matters to one factor; ``completeness``: each
    factor is told by one unit; ``informativeness``: how often factors are guessed right.
    """

    disentanglement: float
    completeness: float
    informativeness: float


def dci(codes_ND: Codes, factors_NF: Factors, *, seed: int = 0) -> Dci:
    """Trees guess every factor from the codes; what each unit gained them is its importance.

    Learnt on every other picture; informativeness is measured on the rest.
    """
    bins_ND = binned(codes_ND, TREE_BINS)
    importances, right = [], []
    for f in varying(factors_NF):
        forest = Forest(bins_ND[::2], factors_NF[::2, f], seed=seed)
        importances.append(forest.importance_D)
        right.append(float((forest.guess(bins_ND[1::2]) == factors_NF[1::2, f]).mean()))
    importance_DF = np.stack(importances, axis=1)
    of_unit_D, of_factor_F = importance_DF.sum(1), importance_DF.sum(0)
    return Dci(
        disentanglement=_weighted(_focus(importance_DF), of_unit_D),
        completeness=_weighted(_focus(importance_DF.T), of_factor_F),
        informativeness=float(np.mean(right)),
    )


def _focus(importance: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 − the entropy of every row, in units of the entropy of an even row."""
    share = importance / np.maximum(importance.sum(1, keepdims=True), 1e-12)
    columns = importance.shape[1]
    if columns == 1:
        return np.ones(len(importance))
    logs = np.log(np.where(share > 0, share, 1.0)) / np.log(columns)
    return 1 + (share * logs).sum(1)


def _weighted(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float((values * weights).sum() / max(float(weights.sum()), 1e-12))
