"""NELBO = D + R over the whole test split, and over as many training pictures."""

from __future__ import annotations

from vae_studio.engine.measure import Measured, measure
from vae_studio.engine.session import LoadedModel
from vae_studio.engine.summary import TRAIN_IMAGES
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.slices import Shares, shares, within
from vae_studio.evaluation.subject import Subject

WORDS = "Measuring D and R"
NATS = "nats per image"
GAP_NATS, GAP_SHARE = 3.0, 0.05  # between training and test: beyond either, the net has overfitted


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """The NELBO, its parts, the same with a fitted prior, and the gap to the training pictures."""
    splits = subject.splits
    ends = (0.4, 0.8, 1.0) if subject.fitted else (0.5, 1.0, 1.0)
    test = yield from within(
        shares(measure(subject.model.vae, splits.test), len(splits.test)), 0.0, ends[0]
    )
    known = splits.train.slice(0, TRAIN_IMAGES)
    train = yield from within(shares(measure(subject.model.vae, known), len(known)), *ends[:2])
    found = [*_parts("test", test, subject.model), *_parts("train", train, subject.model)]
    if test.bound:
        found.append(_gap(test, train))
    if subject.fitted:
        fitted = yield from within(
            shares(measure(subject.fitted.vae, splits.test), len(splits.test)), *ends[1:]
        )
        found += _parts("test", fitted, subject.fitted, "_fitted")
    active = int(test.units.active.sum())
    return (
        *found,
        Reading("active_units", "active units", active, None, test.images, "Var μ > 0.01", "units"),
    )


def _parts(split: str, measured: Measured, model: LoadedModel, suffix: str = "") -> list[Reading]:
    convention, count = str(model.convention), measured.images
    prior = ", fitted prior" if suffix else ""

    def reading(key: str, label: str, value: float, error: float, estimator: str) -> Reading:
        return Reading(
            f"{split}.{key}{suffix}", f"{split} {label}{prior}", value, error, count, estimator,
            NATS, convention=convention,
        )  # fmt: skip

    distortion = reading(
        "distortion", "distortion", measured.distortion, measured.distortion_error, "1 sample"
    )
    if not measured.bound:
        why = "Exact codes have no rate, so there is no bound."
        return [unavailable(f"{split}.nelbo", f"{split} NELBO", why), distortion]
    analytic = "analytic KL" if model.vae.prior.is_standard else "1 sample"
    return [
        reading("nelbo", "NELBO", measured.nelbo, measured.nelbo_error, "1 sample"),
        distortion,
        reading("rate", "rate", measured.rate, measured.rate_error, analytic),
    ]


def _gap(test: Measured, train: Measured) -> Reading:
    gap = test.nelbo - train.nelbo
    error = (test.nelbo_error**2 + train.nelbo_error**2) ** 0.5
    limit = min(GAP_NATS, GAP_SHARE * abs(train.nelbo))
    warning = ""
    if gap - 2 * error > limit:
        warning = "The model fits its training pictures better: stop earlier, or use a smaller net."
    return Reading(
        "train_test_gap", "test − train NELBO", gap, error, test.images, "difference of means",
        NATS, reason=warning,
    )  # fmt: skip
