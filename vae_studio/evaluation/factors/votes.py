"""The FactorVAE and β-VAE scores: which factor was held fixed, told from a batch of codes.

N pictures, D units, F factors, L pictures in a batch, V votes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from vae_studio.domain.seeds import seed_for
from vae_studio.evaluation.factors.binned import Codes, Factors, counts_of, varying

BATCH = 64
VOTES = 800  # to learn from, and as many to test on
DEAD = 0.05  # variance below which a unit does not take part, as in the paper's code
LEARNING_STEPS = 300


def factor_vae_score(codes_ND: Codes, factors_NF: Factors, *, seed: int = 0) -> float:
    """Share of votes that are right, 1/F by chance (Kim & Mnih 2018, 1802.05983, section 4).

    A vote is the unit that varies least, in units of its spread over all pictures, in a batch in
    which one factor has one value; each unit then stands for the factor it voted for most often.
    """
    variance_D = codes_ND.var(0)
    alive_D = np.flatnonzero(variance_D > DEAD)
    if not len(alive_D):
        return 1 / len(varying(factors_NF))
    codes, variance = codes_ND[:, alive_D], variance_D[alive_D]
    votes_V2 = np.array([
        ((codes[rows].var(0) / variance).argmin(), factor)
        for factor, rows in _batches(factors_NF, np.random.default_rng(seed_for(seed, "FactorVAE")))
    ])  # fmt: skip
    learnt, tested = votes_V2[:VOTES], votes_V2[VOTES:]
    counts = counts_of(np.append(learnt[:, 0], len(alive_D) - 1), np.append(learnt[:, 1], 0))
    return float((counts.argmax(1)[tested[:, 0]] == tested[:, 1]).mean())


def beta_vae_score(codes_ND: Codes, factors_NF: Factors, *, seed: int = 0) -> float:
    """How often a linear classifier is right, 1/F by chance (Higgins et al. 2017, section 3).

    It sees the mean |difference| of L pairs of codes; the two of a pair share the value of the
    factor, which differs from pair to pair.
    """
    dice = np.random.default_rng(seed_for(seed, "β-VAE"))
    known = varying(factors_NF)
    partners = {f: _Partners(factors_NF[:, f]) for f in known}
    factor_V = dice.choice(known, 2 * VOTES)
    differences = []
    for factor in factor_V:
        first_L = dice.integers(len(codes_ND), size=BATCH)
        second_L = partners[factor].of(first_L, dice)
        differences.append(np.abs(codes_ND[first_L] - codes_ND[second_L]).mean(0))
    x_VD = torch.from_numpy(np.stack(differences)).double()
    x_VD = (x_VD - x_VD.mean(0)) / x_VD.std(0).clamp_min(1e-9)
    return _linear_accuracy(x_VD, torch.from_numpy(factor_V), factors_NF.shape[1])


def vote_error(score: float) -> float:
    """The binomial standard error of a share of the votes."""
    return float(np.sqrt(max(0.0, score * (1 - score)) / VOTES))


def _batches(
    factors_NF: Factors, dice: np.random.Generator
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yields a random factor and L rows that all have the value that it has in a random picture."""
    known = varying(factors_NF)
    partners = {f: _Partners(factors_NF[:, f]) for f in known}
    for _ in range(2 * VOTES):
        factor = known[dice.integers(len(known))]
        row = dice.integers(len(factors_NF))
        yield factor, partners[factor].of(np.full(BATCH, row), dice)


class _Partners:
    """Draws rows with the same value of a factor as given rows."""

    def __init__(self, value_N: NDArray[np.int64]) -> None:
        self._value_N = value_N
        self._order_N = value_N.argsort(kind="stable")
        self._count_V = np.bincount(value_N)
        self._start_V = self._count_V.cumsum() - self._count_V

    def of(self, rows_L: NDArray[np.int64], dice: np.random.Generator) -> NDArray[np.intp]:
        """One partner for each row, with replacement; a row may be its own."""
        value_L = self._value_N[rows_L]
        within_L = (dice.random(len(rows_L)) * self._count_V[value_L]).astype(np.int64)
        return self._order_N[self._start_V[value_L] + within_L]


def _linear_accuracy(x_VD: torch.Tensor, class_V: torch.Tensor, classes: int) -> float:
    """Multinomial logistic regression: learnt on the first half, right on this share of the rest.

    Gradient descent on a convex loss with few numbers; its weights start at zero, so nothing is
    drawn.
    """
    weight = torch.zeros(x_VD.shape[1] + 1, classes, dtype=x_VD.dtype, requires_grad=True)
    inputs = torch.cat([x_VD, torch.ones(len(x_VD), 1, dtype=x_VD.dtype)], dim=1)
    half = len(x_VD) // 2
    with torch.enable_grad():
        for step in range(LEARNING_STEPS):
            loss = functional.cross_entropy(inputs[:half] @ weight, class_V[:half])
            (gradient,) = torch.autograd.grad(loss, weight)
            rate = 2.0 * (1 - step / LEARNING_STEPS)
            weight = (weight - rate * gradient).detach().requires_grad_()
    guess_V = (inputs[half:] @ weight).argmax(1)
    return float((guess_V == class_V[half:]).double().mean())
