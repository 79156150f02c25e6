"""Bagged decision trees on binned codes, grown level by level. A small one of our own, so that the
scores need no further library; on well separated data it guesses as scikit-learn's does.

N rows, D columns, B bins, V classes, M nodes of a level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

TREES = 10
DEPTH = 10
FEWEST = 2  # rows on either side of a split


@dataclass(frozen=True, eq=False)
class _Level:
    """Where the rows of each node go: to child ``first_M`` (+1 if bin > ``at_M`` in ``column_M``).

    ``first_M`` is −1 for a leaf, whose guess is ``guess_M``.
    """

    column_M: Whole
    at_M: Whole
    first_M: Whole
    guess_M: Whole


class Forest:
    """``importance_D``: how much impurity (Gini) each column removed, summed over all trees, as a
    share of all that was removed; zeros when nothing was.
    """

    def __init__(self, bins_ND: Whole, class_N: Whole, *, seed: int = 0) -> None:
        self.bins = int(bins_ND.max()) + 1
        self.classes = int(class_N.max()) + 1
        dice = np.random.default_rng(seed)
        self._gain_D = np.zeros(bins_ND.shape[1])
        self._trees = []
        for _ in range(TREES):
            chosen = dice.integers(0, len(bins_ND), len(bins_ND))
            self._trees.append(self._grown(bins_ND[chosen], class_N[chosen]))
        self.importance_D = self._gain_D / max(self._gain_D.sum(), 1e-12)

    def guess(self, bins_ND: Whole) -> Whole:
        """The class most trees vote for, (N,)."""
        votes_NV = np.zeros((len(bins_ND), self.classes), np.int64)
        for tree in self._trees:
            votes_NV[np.arange(len(bins_ND)), _guessed(tree, bins_ND)] += 1
        return votes_NV.argmax(1)

    def _grown(self, bins_ND: Whole, class_N: Whole) -> list[_Level]:
        levels: list[_Level] = []
        node_N, nodes = np.zeros(len(bins_ND), np.int64), 1
        for depth in range(DEPTH + 1):
            alive = node_N >= 0
            counts = self._counts(node_N[alive], bins_ND[alive], class_N[alive], nodes)
            level = self._split(counts, last=depth == DEPTH)
            levels.append(level)
            node_N[alive] = _descended(level, node_N[alive], bins_ND[alive])
            nodes = int(level.first_M.max()) + 2
            if nodes <= 1:
                break
        return levels

    def _counts(self, node_N: Whole, bins_ND: Whole, class_N: Whole, nodes: int) -> Whole:
        """Rows per node, column, bin and class, (M, D, B, V)."""
        columns = bins_ND.shape[1]
        cell_ND = (node_N[:, None] * columns + np.arange(columns)) * self.bins + bins_ND
        cell_ND = cell_ND * self.classes + class_N[:, None]
        shape = (nodes, columns, self.bins, self.classes)
        return np.bincount(cell_ND.ravel(), minlength=int(np.prod(shape))).reshape(shape)

    def _split(self, counts_MDBV: Whole, *, last: bool) -> _Level:
        """The best split of every node, or none where it would gain nothing."""
        left = counts_MDBV.cumsum(2)
        whole = left[:, :, -1:]
        right = whole - left
        gain_MDB = _purity(left) + _purity(right) - _purity(whole)
        gain_MDB[(left.sum(3) < FEWEST) | (right.sum(3) < FEWEST)] = 0.0
        flat = gain_MDB.reshape(len(gain_MDB), -1)
        best_M = flat.argmax(1)
        gain_M = flat[np.arange(len(flat)), best_M]
        splits_M = (gain_M > 1e-9) & (not last)
        column_M, at_M = np.divmod(best_M, self.bins)
        np.add.at(self._gain_D, column_M[splits_M], gain_M[splits_M])
        first_M = np.where(splits_M, 2 * (splits_M.cumsum() - 1), -1)
        return _Level(column_M, at_M, first_M, whole[:, 0, 0].argmax(1))


def _purity(counts: Whole) -> NDArray[np.float64]:
    """Σ_v n_v² / n: the more one class prevails, the larger; its growth is what a split gains."""
    count = counts.sum(-1)
    squared: NDArray[np.float64] = (counts.astype(np.float64) ** 2).sum(-1)
    return squared / np.maximum(count, 1)


def _descended(level: _Level, node_N: Whole, bins_ND: Whole) -> Whole:
    """The node of every row one level further down; −1 behind a leaf."""
    first_N = level.first_M[node_N]
    beyond_N = bins_ND[np.arange(len(bins_ND)), level.column_M[node_N]] > level.at_M[node_N]
    return np.where(first_N >= 0, first_N + beyond_N, -1)


def _guessed(tree: list[_Level], bins_ND: Whole) -> Whole:
    guess_N, node_N = np.zeros(len(bins_ND), np.int64), np.zeros(len(bins_ND), np.int64)
    for level in tree:
        rows = np.flatnonzero(node_N >= 0)
        guess_N[rows] = level.guess_M[node_N[rows]]
        node_N[rows] = _descended(level, node_N[rows], bins_ND[rows])
    return guess_N
