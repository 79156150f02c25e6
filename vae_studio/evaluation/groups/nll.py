"""−log p(x) by importance sampling, at 1, 10, 100, … draws of the same noise."""

from __future__ import annotations

from dataclasses import replace

from vae_studio.evaluation.importance import ImportanceSampled, importance_sampled
from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.slices import Shares
from vae_studio.evaluation.subject import Subject

WORDS = "Sampling log p(x)"
NATS = "nats per image"
FEWEST_EFFECTIVE = 10
STILL_FALLING = 1.0  # nats from a tenth of the draws to all of them


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """The NLL, what it was at fewer draws, and how many draws it rests on; with the fitted prior
    too, from the same draws.
    """
    vae = subject.model.vae
    if vae.exact:
        return (unavailable("nll", "NLL", "Exact codes have no density to sample by."),)
    priors = [vae.prior, *([subject.fitted.vae.prior] if subject.fitted else [])]
    images = subject.splits.test.slice(0, subject.is_images)
    found = yield from importance_sampled(vae, images, samples=subject.is_samples, priors=priors)
    plain = _readings(found[0], subject.convention(), "")
    if subject.fitted is None:
        return plain
    return (*plain, *_readings(found[1], subject.convention(fitted=True), "_fitted"))


def _readings(found: ImportanceSampled, convention: str, suffix: str) -> tuple[Reading, ...]:
    prior = ", fitted prior" if suffix else ""

    def bound(m: int, key: str, label: str) -> Reading:
        return Reading(
            f"{key}{suffix}", f"{label}{prior}", float(found.nll_M[m]), float(found.error_M[m]),
            found.images, f"IS-{found.samples_M[m]}", NATS,
            convention=f"{convention} · IS-{found.samples_M[m]}",
        )  # fmt: skip

    last = len(found.samples_M) - 1
    size = Reading(
        f"ess{suffix}", f"effective draws{prior}", found.median_ess, None, found.images,
        f"median of (Σw)² / Σw², {found.samples_M[-1]} draws",
    )  # fmt: skip
    looser = [bound(m, f"is_{found.samples_M[m]}", "bound") for m in reversed(range(last))]
    return (_trusted(bound(last, "nll", "NLL"), found), *looser, size)


def _trusted(nll: Reading, found: ImportanceSampled) -> Reading:
    if found.median_ess < FEWEST_EFFECTIVE:
        why = (
            f"Half of the pictures rest on fewer than {FEWEST_EFFECTIVE} draws: "
            "the true value is lower."
        )
        return replace(nll, trust="rough", reason=why)
    if len(found.samples_M) > 1 and found.nll_M[-2] - found.nll_M[-1] > STILL_FALLING:
        return replace(nll, trust="rough", reason="It still falls with more draws; use more.")
    return nll
