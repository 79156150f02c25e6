"""What the findings of a pre-flight look mean for training, each with the number it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from vae_studio.domain.preflight import Advice, Preflight

MOSTLY = 0.5  # of the pixels grey: what Bernoulli likelihoods cannot describe
UNEVEN = 10.0  # the largest class over the smallest
FEW = 1_000  # training pictures: a model of fewer remembers them
FEW_HELD_OUT = 100  # pictures: their mean is good to a tenth of a standard deviation at best
COPIES = 0.01  # of a part: fewer copies change no number


def advice_on(found: Preflight) -> tuple[Advice, ...]:
    """Warnings first. Sets that ask for nothing get no advice."""
    everything = [
        *_leaks(found), *_classes(found), *_copies(found), *_values(found), *_counts(found)
    ]  # fmt: skip
    return tuple(sorted(everything, key=lambda advice: advice.level != "warning"))


def _leaks(found: Preflight) -> Iterator[Advice]:
    copies = found.copies
    for part, shared, what in (
        ("test", copies.test_in_train, "every test number is too good"),
        ("held-out", copies.validation_in_train, "the held-out loss is too good"),
    ):
        if shared:
            are = "picture is" if shared == 1 else "pictures are"
            yield Advice("warning", f"{shared:,} {part} {are} also in the training set: {what}.")


def _classes(found: Preflight) -> Iterator[Advice]:
    train = found.parts[0]
    filled = {k: count for k, count in enumerate(train.classes_K) if count}
    missing = [found.class_names[k] for k in range(len(train.classes_K)) if k not in filled]
    if missing:
        named = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
        yield Advice("warning", f"The training set has no picture of class {named}.")
    if train.classes_K and len(filled) == 1:
        only = found.class_names[next(iter(filled))]
        yield Advice("info", f"All training pictures are of class {only}: labels tell nothing.")
    if len(filled) < 2:
        return
    rare, common = min(filled, key=filled.__getitem__), max(filled, key=filled.__getitem__)
    ratio = filled[common] / filled[rare]
    if ratio >= UNEVEN:
        yield Advice(
            "warning",
            f"Class {found.class_names[rare]} has {_pictures(filled[rare])}, {ratio:.0f} times "
            f"fewer than class {found.class_names[common]}: it will be drawn badly.",
        )


def _copies(found: Preflight) -> Iterator[Advice]:
    copies = found.copies
    if copies.under_two_classes:
        have = "picture has a copy" if copies.under_two_classes == 1 else "pictures have a copy"
        yield Advice(
            "warning",
            f"{copies.under_two_classes:,} {have} under another class: some labels are wrong.",
        )
    if copies.total > COPIES * found.pictures:
        yield Advice(
            "warning",
            f"{copies.total:,} of {found.pictures:,} pictures are copies of another one in the "
            "same part: they count more than the rest.",
        )


def _values(found: Preflight) -> Iterator[Advice]:
    if found.uniform == found.pictures:
        yield Advice("warning", "Every picture is one flat value: there is nothing to learn.")
        return
    if found.uniform > COPIES * found.pictures:
        yield Advice(
            "warning",
            f"{found.uniform:,} of {found.pictures:,} pictures are one flat value, such as all "
            "black: look whether they were read rightly.",
        )
    if found.between > MOSTLY:
        yield Advice(
            "info",
            f"{found.between:.0%} of the pixels are neither black nor white: σ-VAE or continuous "
            "Bernoulli describe them; Bernoulli is only a bound.".replace("%", " %", 1),
        )
    used = int((found.histogram > 0).sum())
    if 2 < used <= 16:
        yield Advice("info", f"The pictures use only {used} different values.")


def _counts(found: Preflight) -> Iterator[Advice]:
    train, validation, test = found.parts
    if train.pictures < FEW:
        yield Advice(
            "info",
            f"{_pictures(train.pictures)} to learn from are few: the model may remember them "
            "instead of learning what they share.",
        )
    few = [
        f"{part.pictures} {name}"
        for part, name in ((validation, "held-out"), (test, "test"))
        if part.pictures < FEW_HELD_OUT
    ]
    if few:
        which = " and ".join(few)
        yield Advice("info", f"{which} pictures are few: their numbers jump from run to run.")


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
