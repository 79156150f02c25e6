"""From what a source read to the three sets of a run: resize, hold out, fingerprint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.cache_rows import Selection
from vae_studio.data.image_set import (
    DataSplits,
    Drawer,
    ImageSet,
    Labels,
    Pictures,
    facts_digest,
    fingerprint_of,
)
from vae_studio.data.progress import Progress
from vae_studio.data.source import SourcePictures
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for

TEST_SHARE = 0.1
HASHED_BYTES = 1 << 30  # a second of hashing when a run begins
SMALLEST_SIDE, LARGEST_SIDE = 4, 1024


def check_wishes(size: int, validation: int) -> None:
    """Raise StudioError for a picture size or a hold-out that cannot be."""
    if size != 0 and not SMALLEST_SIDE <= size <= LARGEST_SIDE:
        raise StudioError(
            f"The picture size must be 0 (the set's own) or between {SMALLEST_SIDE} and "
            f"{LARGEST_SIDE} pixels; it is {size}."
        )
    if validation < 0:
        raise StudioError(f"The number of held-out pictures cannot be negative ({validation}).")


def held_out(train: ImageSet, wanted: int, seed: int) -> tuple[ImageSet, ImageSet]:
    """(train, validation): at most a tenth is held out, drawn with ``seed`` ("validation") and
    independent of a run's own seed, so that runs are compared on the same pictures. The remaining
    training pictures keep their order.
    """
    order = np.random.default_rng(seed_for(seed, "validation")).permutation(len(train))
    aside = order[: min(wanted, len(train) // 10)]
    kept = np.ones(len(train), dtype=bool)
    kept[aside] = False
    return train.take(np.flatnonzero(kept)), train.take(aside)


def held_out_by_class(train: ImageSet, wanted: int, seed: int) -> tuple[ImageSet, ImageSet]:
    """As ``held_out``, of every class its share."""
    count = len(train)
    aside_N = _drawn_by_class(count, train.labels_N, min(wanted, count // 10), seed, "validation")
    return train.take(np.flatnonzero(~aside_N)), train.take(np.flatnonzero(aside_N))


def drawn_for_test(count: int, labels_N: Labels | None, seed: int) -> NDArray[np.bool_]:
    """Which of ``count`` pictures are the test set: a tenth, of every class its share, drawn with
    ``seed`` ("test"). Of a class at least one picture is left for training.
    """
    return _drawn_by_class(count, labels_N, max(1, round(count * TEST_SHARE)), seed, "test")


def _drawn_by_class(
    count: int, labels_N: Labels | None, wanted: int, seed: int, purpose: str
) -> NDArray[np.bool_]:
    classes_N = np.zeros(count, np.int64) if labels_N is None else labels_N
    sizes_K = np.bincount(classes_N)
    shares_K = sizes_K * (TEST_SHARE if purpose == "test" else wanted / max(1, count))
    takes_K = np.minimum(np.floor(shares_K), np.maximum(sizes_K - 1, 0)).astype(np.int64)
    lacking = wanted - int(takes_K.sum())
    for k in np.argsort(takes_K - shares_K, kind="stable")[:lacking]:
        takes_K[k] += takes_K[k] < sizes_K[k] - 1
    drawn_N = np.zeros(count, dtype=bool)
    for k, takes in enumerate(takes_K):
        draw = np.random.default_rng(seed_for(seed, purpose, k))
        drawn_N[draw.permutation(np.flatnonzero(classes_N == k))[:takes]] = True
    return drawn_N


def drawn_by_group(groups_N: NDArray[np.str_], seed: int) -> NDArray[np.str_]:
    """Parts (N,) "train", "validation", "test" of whole groups, drawn with ``seed`` ("groups"): as
    many groups as make a tenth of the pictures for the test, as many for validation, at least one
    each. Raises StudioError for fewer than three groups.
    """
    groups = np.unique(groups_N)
    if len(groups) < 3:
        raise StudioError(
            f"The pictures are of {len(groups)} patient{'s' if len(groups) > 1 else ''}; three are "
            "needed at least, because a patient's pictures must not be split: add some more."
        )
    parts_N = np.full(len(groups_N), "train", dtype="<U10")
    order = list(np.random.default_rng(seed_for(seed, "groups")).permutation(groups))
    for part in ("test", "validation"):
        while len(order) > 1 and (parts_N == part).sum() < TEST_SHARE * len(groups_N):
            if part == "test" and len(order) == 2:
                break  # one for validation and one to learn from
            parts_N[groups_N == order.pop()] = part
    return parts_N


def watched_by_group(
    parts_N: NDArray[np.str_], groups_N: NDArray[np.str_], seed: int
) -> NDArray[np.str_]:
    """Parts (N,) with whole groups of the training pictures, a tenth of them, for validation; as
    they are where training has one group only. What the test has stays there.
    """
    learnt_N = parts_N != "test"
    order = list(
        np.random.default_rng(seed_for(seed, "groups")).permutation(np.unique(groups_N[learnt_N]))
    )
    parts_N = np.where(learnt_N, "train", parts_N).astype("<U10")
    while len(order) > 1 and (parts_N == "validation").sum() < TEST_SHARE * learnt_N.sum():
        parts_N[learnt_N & (groups_N == order.pop())] = "validation"
    return parts_N


def part_hashes(splits: DataSplits) -> dict[str, str]:
    """SHA-256 of each part, to be kept with a run: over pictures and labels, or over labels alone
    where the pictures are larger than HASHED_BYTES (the fingerprint of the whole covers them).
    """
    return {
        name: (fingerprint_of if part.images_NCHW.nbytes <= HASHED_BYTES else facts_digest)(part)
        for name, part in splits.parts.items()
    }


def assemble(
    pictures: SourcePictures,
    *,
    name: str,
    title: str,
    licence: str,
    size: int,
    validation: int,
    seed: int,
    progress: Progress | None = None,
) -> DataSplits:
    """The splits of a run. ``size`` is the side in pixels, 0 keeps the pictures as they are."""
    train, test, watched = pictures.train, pictures.test, pictures.validation
    if watched is None:
        hold_out = held_out_by_class if pictures.by_class else held_out
        train, watched = hold_out(train, validation, seed)
    train, watched, test = (_sized(part, size) for part in (train, watched, test))
    if isinstance(train.images_NCHW, Selection):
        from vae_studio.data.cache import laid_out  # brings Pillow; most sets need none

        (train, watched, test), fingerprint = laid_out((train, watched, test), progress)
    else:
        fingerprint = fingerprint_of(train, watched, test)
    return DataSplits(
        name=name,
        title=title,
        train=train,
        validation=watched,
        test=test,
        class_names=pictures.class_names,
        fingerprint=fingerprint,
        notes=pictures.notes,
        licence=licence,
        factors=pictures.factors,
        drawer=_sized_drawer(pictures.drawer, size),
        attribute_names=pictures.attribute_names,
        caveat=pictures.caveat,
        original=pictures.train.shape,
        patient_data=pictures.patient_data,
    )


def _sized(part: ImageSet, size: int) -> ImageSet:
    return part.showing(_resized(part.images_NCHW, size))


def _sized_drawer(drawer: Drawer | None, size: int) -> Drawer | None:
    """Draws as ``drawer`` does, in the size of the splits."""
    if drawer is None or size == 0:
        return drawer
    return lambda factors_NF: _resized(drawer(factors_NF), size)


def _resized(images_NCHW: Pictures, size: int) -> Pictures:
    if size == 0 or images_NCHW.shape[2:] == (size, size):
        return images_NCHW
    from vae_studio.imaging.resize import resized_to_square  # brings Pillow; most sets need none

    resized_NHWC = resized_to_square(images_NCHW.transpose(0, 2, 3, 1), size)
    return np.ascontiguousarray(resized_NHWC.transpose(0, 3, 1, 2))
