"""What codes tell about pictures, and how far they lie from where the prior looks for them."""

from __future__ import annotations

from dataclasses import replace

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.engine.measure import posteriors
from vae_studio.engine.terms import gaussian_kl
from vae_studio.evaluation.information import (
    FEWEST_REFERENCES,
    POINTS,
    REFERENCES,
    Estimate,
    Information,
    information,
)
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.slices import Shares, shares, within
from vae_studio.evaluation.subject import Subject, some

WORDS = "Estimating what codes tell"
NATS = "nats per image"
DENSITIES = 8e8  # per estimate, some seconds; more units get fewer points
HOLE = 2.0  # nats of KL(q(z) || p) beyond which samples fall where no picture lies
HOLES = "The prior covers places without pictures; `vae-studio fit-prior` fits a better one."
SATURATED = (
    "It reaches what {references:,} reference pictures can show (ln N − 1); the true value may be "
    "larger."
)


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """I(x; z), KL(q(z) || p) and its parts, and their sum beside the rate.

    The aggregate posterior is that of the test split, or of the training split where the test
    split is too small.
    """
    vae, splits = subject.model.vae, subject.splits
    if vae.exact:
        why = "Exact codes tell everything about a picture: there is no noise to lose it in."
        return (unavailable("mutual_information", "I(x; z)", why),)
    images = some(_aggregated(splits), REFERENCES)
    encodings = yield from within(shares(posteriors(vae, images), len(images)), 0.0, 0.2)
    points = int(min(POINTS, max(100, DENSITIES / encodings.mean_BD.numel())))
    found = yield from within(
        information(encodings, vae.prior, population=population(splits), points=points), 0.2, 1.0
    )
    kl_BD = gaussian_kl(encodings.mean_BD[:points], encodings.logvar_BD[:points])
    return _readings(found, float(kl_BD.sum(1).mean()) if vae.prior.is_standard else None)


def population(splits: DataSplits) -> int:
    """How many pictures the aggregate posterior is the mean of."""
    return len(_aggregated(splits))


def _aggregated(splits: DataSplits) -> ImageSet:
    return splits.test if len(splits.test) >= FEWEST_REFERENCES else splits.train


def _readings(found: Information, rate: float | None) -> tuple[Reading, ...]:
    by_unit = []
    if found.by_unit is not None:
        by_unit = [_reading("unit_kl", "Σ KL(q(z_j) ‖ p)", found.by_unit, found)]
    warning = HOLES if found.marginal.value > HOLE else ""
    parts = (
        _reading("mutual_information", "I(x; z)", found.mutual, found),
        _reading("marginal_kl", "KL(q(z) ‖ p)", found.marginal, found, warning),
        _reading("total_correlation", "TC", found.total_correlation, found),
    )
    return (*(_limited(part, found) for part in parts), *by_unit, _sum(found, rate))


def _reading(
    key: str, label: str, estimate: Estimate, found: Information, warning: str = ""
) -> Reading:
    return Reading(
        key, label, estimate.value, estimate.error, found.points,
        f"{found.references:,} references", NATS, reason=warning,
    )  # fmt: skip


def _limited(reading: Reading, found: Information) -> Reading:
    if found.saturated:
        why = SATURATED.format(references=found.references)
        return replace(reading, trust="saturated", reason=why)
    if found.references < FEWEST_REFERENCES:
        why = f"Fewer than {FEWEST_REFERENCES:,} reference pictures."
        return replace(reading, trust="rough", reason=why)
    return reading


def _sum(found: Information, rate: float | None) -> Reading:
    error = (found.mutual.error**2 + found.marginal.error**2) ** 0.5
    whole = Reading(
        "information_sum", "I + KL(q(z) ‖ p)", found.rate, error, found.points,
        "Hoffman & Johnson", NATS,
    )  # fmt: skip
    if rate is None or abs(found.rate - rate) <= 4 * error + 0.05:
        return whole
    why = f"It should be the rate of these pictures, {rate:.2f}."
    return replace(whole, trust="rough", reason=why)
