"""A mixture of normal distributions: codes come in clumps, and each component covers one.

Shapes: B or N codes, D units, K components.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Generator, Tensor, nn

from vae_studio.domain.cards import Card
from vae_studio.domain.knobs import Choice, Knob
from vae_studio.engine.prior import DrawCodes

CARD = Card(
    name="mixture",
    label="Gaussian mixture",
    help="A sum of normal distributions whose places and shapes are learnt. Samples fall where "
    "codes of real pictures lie, so that fewer land in holes. Fitted in seconds.",
    source="Ghosh et al. 2020 (1903.12436), section 4",
    order=20,
    knobs=(
        Knob(
            path="components", label="Components", kind="int", default=32, low=1, high=1024,
            stepping="doubling", help="How many normal distributions are summed. More follow the "
            "codes closer; beyond a few dozen they begin to learn single pictures.",
        ),
        Knob(
            path="covariance", label="Covariance", kind="choice", default="full",
            choices=(
                Choice("full", "full", "Each component may lie askew across units."),
                Choice("diagonal", "diagonal", "Axis-parallel components: fewer numbers."),
            ),
            help="Whether units may depend on each other within a component.",
        ),
    ),
)  # fmt: skip

SPREAD = 0.5  # of the first means; with what the components keep it adds up to variance 1
PICTURED = 50_000  # codes EM wants to see: with fewer, full covariances learn the noise
MOST_DRAWS = 20
ITERATIONS = 40
SLICE = 4096  # codes whitened at once by every component: bounds memory
SMALLEST_VARIANCE = 1e-4  # a component must not shrink onto a single code
LOG_2PI = math.log(2 * math.pi)


class Prior(nn.Module):
    """p(z) = Σ_k π_k N(z | m_k, S_k), with S_k⁻¹ = A_kᵀ A_k and A_k lower triangular.

    Whitening by A_k gives log N = −½ |A_k (z − m_k)|² + Σ ln diag A_k − D/2 ln 2π without an
    inverse; the log of the diagonal is what is learnt, so that A_k can never become singular.
    """

    name = "mixture"
    is_standard = False

    def __init__(self, units: int, options: Mapping[str, object]) -> None:
        super().__init__()
        count = int(str(options["components"]))
        self.full = options["covariance"] == "full"
        self.logit_K = nn.Parameter(torch.zeros(count))
        self.mean_KD = nn.Parameter(SPREAD * torch.randn(count, units))
        start = -0.5 * math.log(1 - SPREAD**2)
        self.log_diagonal_KD = nn.Parameter(torch.full((count, units), start))
        if self.full:
            self.below_KDD = nn.Parameter(torch.zeros(count, units, units))

    def log_prob(self, z_BD: Tensor) -> Tensor:
        """log p(z) per code (B,), in nats."""
        return self._log_joint(z_BD).logsumexp(1)

    def from_noise(self, noise_BD: Tensor, *, temperature: float = 1.0) -> Tensor:
        """A component by the first number's rank, then m_k + temperature · A_k⁻¹ ε.

        Where Φ(ε₁) falls inside its component's share is uniform again, so ε₁ serves twice and
        the draw is exact.
        """
        chosen_B, fresh_BD = self._choose(noise_BD)
        scaled_BD = temperature * fresh_BD
        spread_BD1 = torch.linalg.solve_triangular(
            self._whiten_KDD()[chosen_B], scaled_BD.unsqueeze(-1), upper=False
        )
        return self.mean_KD[chosen_B] + spread_BD1.squeeze(-1)

    def fit(self, draw_codes: DrawCodes, generator: Generator) -> Iterator[float]:
        """Expectation maximisation (Dempster et al. 1977) from k-means++ places."""
        first_ND = draw_codes()
        draws = min(MOST_DRAWS, math.ceil(PICTURED / len(first_ND)))
        z_ND = torch.cat([first_ND, *(draw_codes() for _ in range(draws - 1))])
        self._start_at(z_ND, generator)
        for iteration in range(ITERATIONS):
            self._improve(z_ND)
            yield (iteration + 1) / ITERATIONS

    def _log_joint(self, z_BD: Tensor) -> Tensor:
        """log π_k + log N(z | m_k, S_k), (B, K)."""
        if self.full:
            whiten_KDD = self._whiten_KDD()
            origin_KD = torch.einsum("kij,kj->ki", whiten_KDD, self.mean_KD)
            # one large product; the offsets of every code from every mean would be K times z
            white_BKD = (z_BD @ whiten_KDD.flatten(0, 1).T).unflatten(1, origin_KD.shape)
            white_BKD = white_BKD - origin_KD
        else:
            white_BKD = (z_BD.unsqueeze(1) - self.mean_KD) * self.log_diagonal_KD.exp()
        squared_BK = white_BKD.square().sum(2)
        log_scale_K = self.log_diagonal_KD.sum(1) - 0.5 * z_BD.shape[1] * LOG_2PI
        return self.logit_K.log_softmax(0) + log_scale_K - 0.5 * squared_BK

    def _whiten_KDD(self) -> Tensor:
        diagonal_KDD = torch.diag_embed(self.log_diagonal_KD.exp())
        return diagonal_KDD + self.below_KDD.tril(-1) if self.full else diagonal_KDD

    def _choose(self, noise_BD: Tensor) -> tuple[Tensor, Tensor]:
        """A component per row (B,), and the noise with its first number made fresh."""
        first_B = noise_BD[:, 0].double().cpu()  # in fp32 the tails would have gaps
        share_K = self.logit_K.detach().double().cpu().softmax(0)
        ends_K = share_K.cumsum(0)
        uniform_B = torch.special.ndtr(first_B)
        chosen_B = torch.searchsorted(ends_K, uniform_B).clamp_(max=len(ends_K) - 1)
        inside_B = (uniform_B - (ends_K - share_K)[chosen_B]) / share_K[chosen_B]
        fresh_B = torch.special.ndtri(inside_B.clamp(1e-12, 1 - 1e-12))
        fresh_BD = noise_BD.clone()
        fresh_BD[:, 0] = fresh_B.to(noise_BD)
        return chosen_B.to(noise_BD.device), fresh_BD

    @torch.no_grad()
    def _start_at(self, z_ND: Tensor, generator: Generator) -> None:
        """Means far apart (k-means++, Arthur & Vassilvitskii 2007), the spread of all codes."""
        some_ND = z_ND[torch.randperm(len(z_ND), generator=generator)[:SLICE]]
        mean_KD = _far_apart(some_ND, len(self.logit_K), generator)
        self.mean_KD.copy_(mean_KD)
        self.logit_K.zero_()
        variance_D = z_ND.var(0, correction=0).clamp_min(SMALLEST_VARIANCE)
        self.log_diagonal_KD.copy_(-0.5 * variance_D.log())
        if self.full:
            self.below_KDD.zero_()

    @torch.no_grad()
    def _improve(self, z_ND: Tensor) -> None:
        """One step of EM; the mean log p(z) of these codes does not fall."""
        share_NK = torch.cat([self._log_joint(z).softmax(1) for z in z_ND.split(SLICE)])
        weight_K = share_NK.sum(0).clamp_min(1e-3)
        self.logit_K.copy_(weight_K.log())
        self.mean_KD.copy_(share_NK.T @ z_ND / weight_K[:, None])
        if self.full:
            self._set_covariances(z_ND, share_NK, weight_K)
        else:
            second_KD = share_NK.T @ z_ND.square() / weight_K[:, None]
            variance_KD = (second_KD - self.mean_KD.square()).clamp_min(SMALLEST_VARIANCE)
            self.log_diagonal_KD.copy_(-0.5 * variance_KD.log())

    def _set_covariances(self, z_ND: Tensor, share_NK: Tensor, weight_K: Tensor) -> None:
        identity_DD = torch.eye(z_ND.shape[1])
        for k, mean_D in enumerate(self.mean_KD):
            offset_ND = z_ND - mean_D
            covariance_DD = (offset_ND * share_NK[:, k : k + 1]).T @ offset_ND / weight_K[k]
            factor_DD = torch.linalg.cholesky(covariance_DD + SMALLEST_VARIANCE * identity_DD)
            whiten_DD = torch.linalg.solve_triangular(factor_DD, identity_DD, upper=False)
            self.log_diagonal_KD[k] = whiten_DD.diagonal().log()
            self.below_KDD[k] = whiten_DD.tril(-1)


def _far_apart(z_ND: Tensor, count: int, generator: Generator) -> Tensor:
    """``count`` of the codes, each drawn with the squared distance to the nearest one before."""
    chosen = [z_ND[0]]
    nearest_N = (z_ND - chosen[0]).square().sum(1)
    for _ in range(count - 1):
        index = torch.multinomial(nearest_N.clamp_min(1e-12), 1, generator=generator)[0]
        chosen.append(z_ND[index])
        nearest_N = torch.minimum(nearest_N, (z_ND - z_ND[index]).square().sum(1))
    return torch.stack(chosen)
