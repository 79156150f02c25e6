"""A better prior for a model that has been trained: fitted to its codes, in seconds.

Encoder and decoder stay as they are, so the distortion does too; the rate falls by as much as the
prior is wrong about where codes lie, KL(q(z) || p(z)) (Hoffman & Johnson 2016), and the sum is
still a bound. Shapes: N codes, D units.
"""

from __future__ import annotations

import copy
from collections.abc import Generator as Slices
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_studio.data.image_set import DataSplits
from vae_studio.domain.cards import Card
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.engine import catalog
from vae_studio.engine.measure import posteriors
from vae_studio.engine.prior import FittedPrior
from vae_studio.engine.vae import VAE, Posterior

CHECKS = 30  # how often the held-out codes are asked; the best answer is what is kept
HELD_OUT_SHARE = 0.1  # of the training pictures, where the run holds out none


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted prior and what it is worth: rates in nats on ``pictures`` it was not fitted to.

    ``rate`` and ``rate_before`` are on the same codes, log q(z|x) − log p(z); for exact codes,
    which have no rate, −log p(z) alone.
    """

    prior: FittedPrior
    options: Mapping[str, float | int | str | bool]
    rate_before: float
    rate: float
    pictures: int


def new_prior(
    name: str, units: int, options: Mapping[str, float | int | str | bool], *, seed: int
) -> FittedPrior:
    """An unfitted prior by the name of its card; StudioError for one that cannot be fitted."""
    card = fittable(name)
    catalog.check_options(card, options)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_for(seed, "prior weights"))
        prior: FittedPrior = catalog.load(card, "Prior")(units, {**card.defaults(), **options})
    return prior


def fittable(name: str) -> Card:
    """The card of a prior that learns something; StudioError for any other name."""
    known = [other for other, card in catalog.priors().items() if card.knobs]
    if name not in known:
        raise StudioError(f"No prior '{name}' can be fitted; use one of: {', '.join(known)}.")
    return catalog.priors()[name]


def fit_prior(
    vae: VAE,
    splits: DataSplits,
    name: str,
    options: Mapping[str, float | int | str | bool] | None = None,
    *,
    seed: int = 0,
) -> Slices[float, None, Fit]:
    """A generator: yields the share done, returns the Fit. The model is left as it was.

    The prior sees draws from q(z|x) of the training pictures, not their means: the bound charges
    for the draws. Of all states on the way the one that is best on held-out pictures is kept.
    """
    prior = new_prior(name, vae.units, options or {}, seed=seed)
    train = yield from _scaled(posteriors(vae, splits.train), len(splits.train), 0.0, 0.2)
    if len(splits.validation):
        held = yield from _scaled(
            posteriors(vae, splits.validation), len(splits.validation), 0.2, 0.25
        )
    else:
        train, held = _split(train)
    generator = torch.Generator().manual_seed(seed_for(seed, "fit prior"))
    best = _Best(prior, held)
    before = best.rate_of(_on_cpu(vae.prior))

    def draw_codes() -> Tensor:
        return train.sample(torch.randn(train.mean_BD.shape, generator=generator))

    next_check = 0.0
    for share in prior.fit(draw_codes, generator):
        if share >= next_check:
            best.look()
            next_check = share + 1 / CHECKS
        yield 0.25 + 0.75 * share
    best.look()
    return Fit(
        best.restored(), {**fittable(name).defaults(), **(options or {})},
        before, best.rate, len(held.mean_BD),
    )  # fmt: skip


class _Best:
    """Remembers the state of a prior that was best on held-out codes."""

    def __init__(self, prior: FittedPrior, held: Posterior) -> None:
        self.prior = prior
        noise = torch.randn(held.mean_BD.shape, generator=torch.Generator().manual_seed(0))
        self._codes_ND = held.sample(noise)
        self._entropy = 0.0 if held.exact else float(held.log_prob(self._codes_ND).double().mean())
        self.rate = float("inf")
        self._state: dict[str, Tensor] = {}

    @torch.no_grad()
    def rate_of(self, prior: object) -> float:
        """log q(z|x) − log p(z), the mean over the held-out codes."""
        parts = [prior.log_prob(z).double() for z in self._codes_ND.split(4096)]  # type: ignore[attr-defined]
        return self._entropy - float(torch.cat(parts).mean())

    def look(self) -> None:
        """Keep the prior as it is now if it has never been better."""
        rate = self.rate_of(self.prior)
        if rate < self.rate:
            self.rate = rate
            self._state = copy.deepcopy(_module(self.prior).state_dict())

    def restored(self) -> FittedPrior:
        """The prior as it was at its best."""
        _module(self.prior).load_state_dict(self._state)
        return self.prior


def _scaled(
    slices: Slices[int, None, Posterior], count: int, start: float, end: float
) -> Slices[float, None, Posterior]:
    done = 0
    while True:
        try:
            done += next(slices)
        except StopIteration as last:
            return last.value  # type: ignore[no-any-return]
        yield start + (end - start) * done / count


def _split(train: Posterior) -> tuple[Posterior, Posterior]:
    held = max(1, round(HELD_OUT_SHARE * len(train.mean_BD)))
    parts = [
        Posterior(train.mean_BD[rows], train.logvar_BD[rows], train.exact)
        for rows in (slice(held, None), slice(held))
    ]
    return parts[0], parts[1]


def _module(prior: object) -> nn.Module:
    assert isinstance(prior, nn.Module)
    return prior


def _on_cpu(prior: object) -> object:
    return copy.deepcopy(_module(prior)).cpu()
