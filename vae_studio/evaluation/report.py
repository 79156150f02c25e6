"""The numbers of a run on demand: all groups of readings, stepped one slice at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from vae_studio.data.progress import Progress, report
from vae_studio.domain.errors import StudioError
from vae_studio.engine.session import load_data, open_model
from vae_studio.evaluation import verdict
from vae_studio.evaluation.groups import (
    copies,
    factors,
    information,
    likelihood,
    memorisation,
    nll,
    samples,
)
from vae_studio.evaluation.reading import Reading
from vae_studio.evaluation.slices import within
from vae_studio.evaluation.subject import Subject
from vae_studio.runs.folder import RunFolder

#: Every group by the name that asks for it. The first is what the others are judged by.
GROUPS: dict[str, ModuleType] = {
    "likelihood": likelihood, "information": information, "copies": copies, "samples": samples,
    "memorisation": memorisation, "factors": factors, "nll": nll,
}  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """What was measured of the model of ``step``. ``complete`` is False when it was stopped."""

    run: str
    step: int
    units: int
    same_data: bool
    readings: tuple[Reading, ...]
    complete: bool = True

    def reading(self, key: str) -> Reading | None:
        """The reading of that key, if it was asked for."""
        return next((reading for reading in self.readings if reading.key == key), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: the splits and active units as in summary.json, and every
        reading with all its fields.
        """
        active = self.reading("active_units")
        return {
            "run": self.run,
            "step": self.step,
            "test": self._split("test"),
            "train": self._split("train"),
            "active_units": int(active.value) if active and active.value is not None else None,
            "units": self.units,
            "same_data": self.same_data,
            "complete": self.complete,
            "readings": [dataclasses.asdict(reading) for reading in self.readings],
        }

    def _split(self, name: str) -> dict[str, Any] | None:
        parts = {p: self.reading(f"{name}.{p}") for p in ("nelbo", "distortion", "rate")}
        distortion = parts["distortion"]
        if distortion is None:
            return None
        values = {
            part: round(found.value, 4) if found and found.value is not None else None
            for part, found in parts.items()
        }
        return {**values, "convention": distortion.convention, "images": distortion.count}


def chosen_groups(names: Sequence[str]) -> tuple[str, ...]:
    """The groups of these names in the order they are measured; StudioError for an unknown one."""
    unknown = sorted(set(names) - set(GROUPS))
    if unknown:
        raise StudioError(
            f"There is no group of numbers '{unknown[0]}'; choose from: {', '.join(GROUPS)}."
        )
    return tuple(name for name in GROUPS if name in names)


def open_subject(
    run: Path, *, data_dir: Path | None = None, is_samples: int = 1000, is_images: int = 1000
) -> Subject:
    """A run's model, its pictures and its fitted prior, ready to be evaluated."""
    model = open_model(run)
    splits = load_data(model.config, data_dir=data_dir)
    fitted = open_model(run, prior="fitted") if model.manifest.prior else None
    return Subject(model, splits, fitted, is_samples, is_images)


def evaluation(
    subject: Subject, groups: Sequence[str]
) -> Generator[tuple[float, str], bool | None, Evaluation]:
    """A generator: yields (share done, what is being done) slice by slice, returns what it found.

    ``send(True)`` stops it: it then answers with the groups it has, and with the part of the
    likelihood samples that are drawn.
    """
    found: list[Reading] = []
    stopped = False
    for number, name in enumerate(groups):
        group = GROUPS[name]
        ends = number / len(groups), (number + 1) / len(groups)
        slices = within(group.readings(subject), *ends)
        stop: bool | None = None
        while not stopped:
            try:
                share = slices.send(stop) if stop else next(slices)
            except StopIteration as last:
                found += last.value
                stopped = bool(stop)
                break
            stopped = bool(stop)  # told to stop, and it had nothing to answer with yet
            if not stopped:
                stop = yield share, group.WORDS
        slices.close()
    return _evaluation(subject, found, complete=not stopped)


def evaluate_run(
    run: Path, *, data_dir: Path | None = None, progress: Progress | None = None,
    groups: Sequence[str] = ("likelihood",),
) -> dict[str, Any]:  # fmt: skip
    """What a run comes to, measured at once: by default NELBO = D + R in nats per image over the
    whole test split and over the first 10,000 training pictures, and the active units; one
    posterior sample per image, β = 1. StudioError when the run or its data cannot be read.
    """
    slices = evaluation(open_subject(run, data_dir=data_dir), chosen_groups(groups))
    while True:
        try:
            share, words = next(slices)
        except StopIteration as last:
            return last.value.as_dict()  # type: ignore[no-any-return]
        report(progress, share, words)


def keep(run: Path, found: Evaluation) -> None:
    """Write evaluation.json into the run's folder; StudioError when that is not possible."""
    with RunFolder.open(run, write=True) as folder:
        folder.write_evaluation(found.as_dict())


def _evaluation(subject: Subject, found: Sequence[Reading], *, complete: bool) -> Evaluation:
    model = subject.model
    return Evaluation(
        run=model.manifest.name,
        step=model.step,
        units=model.vae.units,
        same_data=subject.splits.fingerprint == model.manifest.resolved.get("fingerprint"),
        readings=verdict.judged(found, _facts(subject, found)),
        complete=complete,
    )


def _facts(subject: Subject, found: Sequence[Reading]) -> verdict.Facts:
    by_key = {reading.key: reading for reading in found}
    return verdict.Facts(
        units=subject.model.vae.units,
        population=information.population(subject.splits) if "mutual_information" in by_key else 0,
        nelbos={
            f"nll{prior}": by_key[f"test.nelbo{prior}"]
            for prior in ("", "_fitted")
            if f"test.nelbo{prior}" in by_key
        },
    )
