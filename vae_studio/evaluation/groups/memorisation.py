"""Are samples nearer to training pictures than pictures the model never saw?"""

from __future__ import annotations

from torch import Tensor

from vae_studio.data.image_set import ImageSet
from vae_studio.engine.batches import as_tensor
from vae_studio.engine.measure import posteriors
from vae_studio.evaluation.memorisation import Memorisation, memorisation
from vae_studio.evaluation.reading import Reading
from vae_studio.evaluation.slices import Shares, shares, within
from vae_studio.evaluation.subject import Subject

WORDS = "Looking for copied pictures"
QUERIES = 500
SUSPICIOUS = "Samples lie nearer to training pictures than unseen pictures do: look at them."


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """Ratio of nearest-neighbour distances and AUROC, in pixels and in codes."""
    splits = subject.splits
    samples = subject.samples(subject.model.probe, QUERIES)
    held_out = splits.test.slice(0, QUERIES)
    three = (samples, held_out, splits.train)
    pixels = [as_tensor(images.images_NCHW).flatten(1) for images in three]
    by_pixel = yield from within(memorisation(*pixels), 0.0, 0.5)
    codes = []
    for images, start, end in zip(three, (0.5, 0.55, 0.6), (0.55, 0.6, 0.9), strict=True):
        codes.append((yield from within(_means(subject, images), start, end)))
    by_code = yield from within(memorisation(*codes), 0.9, 1.0)
    return (*_readings("pixel", by_pixel), *_readings("code", by_code))


def _means(subject: Subject, images: ImageSet) -> Shares[Tensor]:
    encodings = yield from shares(posteriors(subject.model.vae, images), len(images))
    return encodings.mean_BD


def _readings(space: str, found: Memorisation) -> tuple[Reading, ...]:
    warning = SUSPICIOUS if found.suspicious else ""
    how = f"nearest of {found.training:,}, {space}s"
    return (
        Reading(
            f"{space}_ratio", f"distance ratio, {space}s", found.ratio, found.ratio_error,
            found.samples, how, reason=warning,
        ),
        Reading(
            f"{space}_auroc", f"sample nearer, {space}s", found.auroc, found.auroc_error,
            found.samples, how,
        ),
    )  # fmt: skip
