"""How far two sets of pictures are apart in features. N and M pictures, E features, B blocks."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_studio.evaluation.information import Estimate

BLOCKS = 10


def frechet_distance(one_NE: Tensor, other_ME: Tensor) -> float:
    """|μ₁ − μ₂|² + Tr(C₁ + C₂ − 2 (C₁ C₂)^½): the squared 2-Wasserstein distance of two normal
    distributions with these moments (Dowson & Landau 1982). Too large for small sets.
    """
    one, other = one_NE.double(), other_ME.double()
    between = (one.mean(0) - other.mean(0)).square().sum()
    first, second = one.T.cov(), other.T.cov()
    root = _square_root(first)
    # (C₁ C₂)^½ has the trace of the symmetric (C₁^½ C₂ C₁^½)^½
    shared = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    return float(between + first.trace() + second.trace() - 2 * shared)


def kernel_distance(one_NE: Tensor, other_ME: Tensor) -> Estimate:
    """The squared maximum mean discrepancy under (x·y/E + 1)³, unbiased, so it may be below 0
    where the sets are alike (KID: Bińkowski et al. 2018, 1801.01401). The mean and the standard
    error are over blocks of the sets.
    """
    count = min(BLOCKS, len(one_NE) // 2, len(other_ME) // 2)
    # tensor_split, not chunk: the last chunk may hold a single picture
    blocks = zip(
        one_NE.double().tensor_split(count), other_ME.double().tensor_split(count), strict=True
    )
    values_B = torch.stack([_discrepancy(one, other) for one, other in blocks])
    error = float(values_B.std() / len(values_B) ** 0.5) if count > 1 else 0.0
    return Estimate(float(values_B.mean()), error)


def _discrepancy(one_NE: Tensor, other_ME: Tensor) -> Tensor:
    within_one, within_other = _kernel(one_NE, one_NE), _kernel(other_ME, other_ME)
    n, m = len(one_NE), len(other_ME)
    return (
        (within_one.sum() - within_one.trace()) / (n * (n - 1))
        + (within_other.sum() - within_other.trace()) / (m * (m - 1))
        - 2 * _kernel(one_NE, other_ME).mean()
    )


def _kernel(one_NE: Tensor, other_ME: Tensor) -> Tensor:
    return (one_NE @ other_ME.T / one_NE.shape[1] + 1).pow(3)


def _square_root(matrix_EE: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix_EE)
    return vectors * values.clamp_min(0).sqrt() @ vectors.T
