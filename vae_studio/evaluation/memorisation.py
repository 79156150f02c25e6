"""Are samples copies of training pictures? Nearest neighbours, in pixels and in codes.

Samples are compared with pictures the model never saw: both have a nearest training picture, and
unless something was learnt by heart, samples are no nearer. A test that finds nothing proves
nothing: van den Burg & Williams 2021 (2106.03216).

Shapes: Q queries, N training pictures, E numbers per picture, B training pictures at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_studio.domain.seeds import seed_for
from vae_studio.evaluation.slices import Shares, within

PRODUCTS = 1e9  # multiplications per slice
RATIO_TO_WARN = 0.9
AUROC_TO_WARN = 0.6
RESAMPLES = 200


@dataclass(frozen=True)
class Memorisation:
    """``ratio`` of the median distances sample → training and held-out → training (1: alike, 0:
    copies), and ``auroc``: how often a sample is nearer than a held-out picture (½: alike).
    Errors are standard errors: of the bootstrap, and of Hanley & McNeil 1982.
    """

    ratio: float
    ratio_error: float
    auroc: float
    auroc_error: float
    samples: int
    held_out: int
    training: int

    @property
    def suspicious(self) -> bool:
        """Samples are clearly nearer to training pictures than unseen pictures are."""
        return self.ratio < RATIO_TO_WARN or self.auroc > AUROC_TO_WARN


def memorisation(
    samples_QE: Tensor, held_out_QE: Tensor, training_NE: Tensor
) -> Shares[Memorisation]:
    """Compare two sets of queries by their Euclidean distance to the nearest training row."""
    sample_Q = yield from within(nearest_distances(samples_QE, training_NE), 0.0, 0.5)
    held_Q = yield from within(nearest_distances(held_out_QE, training_NE), 0.5, 1.0)
    found = auroc(held_Q, sample_Q)
    return Memorisation(
        ratio=float(sample_Q.median() / held_Q.median().clamp_min(1e-12)),
        ratio_error=_ratio_error(sample_Q, held_Q),
        auroc=found,
        auroc_error=auroc_error(found, len(held_Q), len(sample_Q)),
        samples=len(sample_Q),
        held_out=len(held_Q),
        training=len(training_NE),
    )


def nearest_distances(queries_QE: Tensor, training_NE: Tensor) -> Shares[Tensor]:
    """The Euclidean distance of each query to its nearest training row (Q,); bytes are welcome."""
    middle_E = queries_QE.float().mean(0)
    queries = queries_QE.float() - middle_E
    nearest_Q = torch.full((len(queries),), math.inf)
    at_once = max(1, int(PRODUCTS / queries.numel()))
    for start in range(0, len(training_NE), at_once):
        rows_BE = training_NE[start : start + at_once].float() - middle_E
        # |a − b|² = |a|² − 2ab + |b|²: one product; the few nearest are then computed exactly,
        # since the difference of large numbers is worth nothing for a copy
        rough_QB = torch.addmm(rows_BE.square().sum(1), queries, rows_BE.T, alpha=-2)
        near_Q3 = rough_QB.topk(min(3, len(rows_BE)), dim=1, largest=False).indices
        exact_Q3 = (queries[:, None] - rows_BE[near_Q3]).square().sum(2)
        nearest_Q = torch.minimum(nearest_Q, exact_Q3.amin(1))
        yield min(1.0, (start + at_once) / len(training_NE))
    return nearest_Q.sqrt()


def auroc(larger_N: Tensor, smaller_M: Tensor) -> float:
    """The chance that one of the first exceeds one of the second; a tie counts half."""
    both = torch.cat([larger_N, smaller_M]).double()
    _, inverse, counts = both.unique(return_inverse=True, return_counts=True)
    last_rank = counts.cumsum(0).double()
    ranks = (last_rank - (counts.double() - 1) / 2)[inverse]
    count, other = len(larger_N), len(smaller_M)
    return float((ranks[:count].sum() - count * (count + 1) / 2) / (count * other))


def auroc_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of an AUROC: Hanley & McNeil 1982, Radiology 143, equations 1 and 2."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    return math.sqrt(max(0.0, spread) / (positives * negatives))


def _ratio_error(sample_Q: Tensor, held_Q: Tensor) -> float:
    generator = torch.Generator().manual_seed(seed_for(0, "bootstrap"))
    medians = [
        part_Q[torch.randint(len(part_Q), (RESAMPLES, len(part_Q)), generator=generator)]
        .median(1)
        .values
        for part_Q in (sample_Q, held_Q)
    ]
    return float((medians[0] / medians[1].clamp_min(1e-12)).std())
