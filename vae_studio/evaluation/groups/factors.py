"""Do units stand for the factors that the pictures were drawn from?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.measure import posteriors
from vae_studio.evaluation.factors.binned import Codes, Factors, jackknife_error
from vae_studio.evaluation.factors.dci import dci
from vae_studio.evaluation.factors.gaps import mig, sap
from vae_studio.evaluation.factors.votes import beta_vae_score, factor_vae_score, vote_error
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.slices import Shares, shares, within
from vae_studio.evaluation.subject import Subject, some

WORDS = "Scoring units against factors"
IMAGES = 5000
SEEDS = "Seeds differ by several points: compare methods over five or more."


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """MIG, SAP, DCI, FactorVAE and β-VAE scores of mean codes: of pictures of all combinations of
    factors alike where they can be drawn, else of test pictures.
    """
    images, named = _pictures(subject.splits), subject.splits.factors
    if images.factors_NF is None or not named:
        why = "Nobody knows the factors of these pictures; the drawn shapes have them."
        return (unavailable("mig", "MIG", why),)
    encodings = yield from within(
        shares(posteriors(subject.model.vae, images), len(images)), 0.0, 0.3
    )
    codes, factors = encodings.mean_BD.double().numpy(), images.factors_NF
    found: list[Reading] = []
    for scores in _scores(codes, factors, [factor.name for factor in named]):
        found += scores
        yield 0.3 + 0.7 * len(found) / 8
    return tuple(found)


def _pictures(splits: DataSplits) -> ImageSet:
    """Every combination once, or as many random ones; scores of correlated factors would praise
    codes that have learnt the correlation.
    """
    if splits.drawer is None:
        return some(splits.test, IMAGES)
    sizes = [factor.size for factor in splits.factors]
    every = math.prod(sizes)
    dice = np.random.default_rng(seed_for(0, "factors"))
    chosen = dice.choice(every, min(every, IMAGES), replace=False)
    factors_NF = np.stack(np.unravel_index(chosen, sizes), axis=1).astype(np.int64)
    return ImageSet(splits.drawer(factors_NF), factors_NF=factors_NF)


def _scores(codes: Codes, factors: Factors, names: list[str]) -> Iterator[list[Reading]]:
    yield [_gap("mig", "MIG", mig, codes, factors, f"20 bins, {', '.join(names)}", SEEDS)]
    plain = [f for f, name in enumerate(names) if name != "shape"]
    if 0 < len(plain) < len(names):
        label, how = "MIG without shape", f"20 bins, {', '.join(names[f] for f in plain)}"
        yield [_gap("mig_without_shape", label, mig, codes, factors[:, plain], how)]
    yield [_gap("sap", "SAP", sap, codes, factors, "guess per bin, chance subtracted")]
    found = dci(codes, factors)
    yield [
        _reading(f"dci_{part}", f"DCI {part}", getattr(found, part), None, codes, "bagged trees")
        for part in ("disentanglement", "completeness", "informativeness")
    ]
    score = factor_vae_score(codes, factors)
    how = "800 votes of 64 pictures"
    yield [_reading("factor_vae", "FactorVAE score", score, vote_error(score), codes, how)]
    score = beta_vae_score(codes, factors)
    how = "linear, 800 of 64 pairs"
    yield [_reading("beta_vae", "β-VAE score", score, vote_error(score), codes, how)]


def _gap(
    key: str, label: str, score: Callable[[Codes, Factors], float], codes: Codes, factors: Factors,
    how: str, warning: str = "",
) -> Reading:  # fmt: skip
    error = jackknife_error(score, codes, factors)
    return _reading(key, label, score(codes, factors), error, codes, how, warning)


def _reading(
    key: str, label: str, value: float, error: float | None, codes: Codes, how: str,
    warning: str = "",
) -> Reading:  # fmt: skip
    return Reading(key, label, value, error, len(codes), f"mean codes, {how}", reason=warning)
