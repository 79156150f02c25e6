"""What codes tell: I(x; z), how far q(z) is from the prior, and how much units tell twice.

Hoffman & Johnson 2016 ("ELBO surgery"): the rate E_x KL(q(z|x) || p) = I(x; z) + KL(q(z) || p);
under N(0, I) the second term is Σ_j KL(q(z_j) || p) + TC (Chen et al. 2018, 1802.04942).

Shapes: N reference encodings, M points, B points at once, D units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_studio.domain.seeds import seed_for
from vae_studio.engine.measure import standard_error
from vae_studio.engine.prior import Prior
from vae_studio.engine.vae import Posterior
from vae_studio.evaluation.slices import Shares

REFERENCES = 10_000
FEWEST_REFERENCES = 4_000  # with fewer, I and TC saturate at values that codes really reach
POINTS = 2_000
TERMS = 4_000_000  # densities at once: 16 MB, some 20 ms
LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Estimate:
    """A value in nats and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Information:
    """All in nats, over the same ``points`` draws, against q(z) as ``references`` posteriors show
    it. ``by_unit`` (Σ_j KL(q(z_j) || p)) and ``total_correlation`` add up to ``marginal``, which
    has these two parts only where the prior is a product over units.

    More than ln ``population`` cannot be told. What is within a nat of ln ``references`` is
    ``saturated``: the estimate says more about the number of references than about the codes.
    """

    mutual: Estimate
    marginal: Estimate
    total_correlation: Estimate
    by_unit: Estimate | None
    points: int
    references: int
    population: int

    @property
    def rate(self) -> float:
        """I + KL(q(z) || p): what the rate of these encodings comes to."""
        return self.mutual.value + self.marginal.value

    @property
    def saturated(self) -> bool:
        """Whether the references are too few for what the codes tell."""
        return self.mutual.value > math.log(self.references) - 1


def information(
    posteriors: Posterior,
    prior: Prior,
    *,
    population: int | None = None,
    points: int = POINTS,
    seed: int = 0,
) -> Shares[Information]:
    """Every term from draws of the first ``points`` posteriors, against all of them.

    q(z) is the mean over the posteriors of ``population`` pictures, of which those given are a
    random part (default: all). A point's own posterior stands for itself alone, the others also
    for the pictures not given: the weights of minibatch stratified sampling (Chen et al. 2018),
    without which I would be too small by about the share of pictures left out.
    """
    mean_ND, logvar_ND = posteriors.mean_BD, posteriors.logvar_BD
    count = min(points, len(mean_ND))
    generator = torch.Generator().manual_seed(seed_for(seed, "information"))
    own = Posterior(mean_ND[:count], logvar_ND[:count])
    z_MD = own.sample(torch.randn(own.mean_BD.shape, generator=generator))
    with torch.no_grad():
        given_M, prior_M = own.log_prob(z_MD), prior.log_prob(z_MD)
    reference = _Reference(mean_ND, logvar_ND, population or len(mean_ND))
    at_once = max(1, TERMS // mean_ND.numel())
    joints, products = [], []
    for start in range(0, count, at_once):
        joint_B, by_unit_BD = reference.log_densities(z_MD[start : start + at_once], start)
        joints.append(joint_B)
        products.append(by_unit_BD.sum(1))
        yield min(1.0, (start + at_once) / count)
    joint_M, product_M = torch.cat(joints).double(), torch.cat(products).double()
    return Information(
        mutual=_estimate(given_M - joint_M),
        marginal=_estimate(joint_M - prior_M),
        total_correlation=_estimate(joint_M - product_M),
        by_unit=_estimate(product_M - prior_M) if prior.is_standard else None,
        points=count,
        references=len(mean_ND),
        population=reference.population,
    )


class _Reference:
    """The aggregate posterior q(z), and that of every unit by itself."""

    def __init__(self, mean_ND: Tensor, logvar_ND: Tensor, population: int) -> None:
        self.population = population
        self.mean_DN = mean_ND.T.contiguous()
        self.scale_DN = (-0.5 * logvar_ND.T).exp()
        self.constant_DN = -0.5 * (logvar_ND.T + LOG_2PI)
        others = max(1, len(mean_ND) - 1)
        self.log_other = math.log(max(1, population - 1) / (population * others))
        self.log_own_more = -math.log(population) - self.log_other

    @torch.no_grad()
    def log_densities(self, z_BD: Tensor, first: int) -> tuple[Tensor, Tensor]:
        """log q(z) (B,) and log q(z_j) (B, D) of draws from the posteriors ``first`` and on."""
        white_BDN = (z_BD.unsqueeze(2) - self.mean_DN).mul_(self.scale_DN)
        log_q_BDN = torch.addcmul(self.constant_DN, white_BDN, white_BDN, value=-0.5)
        joint_BN = log_q_BDN.sum(1)
        rows = torch.arange(len(z_BD))
        joint_BN[rows, first + rows] += self.log_own_more
        log_q_BDN[rows, :, first + rows] += self.log_own_more
        return joint_BN.logsumexp(1) + self.log_other, log_q_BDN.logsumexp(2) + self.log_other


def _estimate(values_M: Tensor) -> Estimate:
    values = values_M.double()
    return Estimate(float(values.mean()), standard_error(values))
