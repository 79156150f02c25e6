"""The training loop: a generator that yields facts, one batch (or slice) per ``next()``."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import suppress

import torch

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import RunConfig
from vae_studio.domain.errors import DiskError, StudioError
from vae_studio.domain.events import (
    BatchesTrained,
    EpochEnded,
    Event,
    KnobTurned,
    NoticeGiven,
    RunFinished,
    RunStarted,
    Validated,
)
from vae_studio.domain.knobs import Value
from vae_studio.domain.live_config import LiveConfig
from vae_studio.domain.resolved import Resolved
from vae_studio.engine import build, catalog
from vae_studio.engine.augment import Augment
from vae_studio.engine.batches import BatchStream
from vae_studio.engine.checkpoint import (
    living,
    unpack_model,
    unpack_objective,
    unpack_optimizer,
)
from vae_studio.engine.conditions import condition_width, conditions_of
from vae_studio.engine.cost import micro_batches
from vae_studio.engine.device import choose_device, choose_precision
from vae_studio.engine.failure import explain
from vae_studio.engine.measure import Measured, measure
from vae_studio.engine.memory import release_unused
from vae_studio.engine.objective import BaseObjective, Setting
from vae_studio.engine.recorder import Recorder, kept
from vae_studio.engine.ring import TermRing
from vae_studio.engine.saver import Saver
from vae_studio.engine.step import NoRoom, Stepper
from vae_studio.engine.stopwatch import Stopwatch
from vae_studio.engine.summary import TRAIN_IMAGES, summarise
from vae_studio.engine.vae import parameter_count
from vae_studio.runs.folder import Checkpoint

REPORT_INTERVAL_S = 0.1  # each report crosses threads and joins the curves; the eye needs no more
CHECKPOINT_INTERVAL_S = 60.0  # what a power cut may cost
QUICK_EVALUATION_S = 2.0  # a stopped run is evaluated only when that takes no longer


class Trainer:
    """One run. ``run()`` trains it; between two ``next()`` calls the model may be probed.

    ``recorder`` writes the run folder (None: nothing is kept). ``resume`` continues from a
    checkpoint with ``resolved`` (device, precision, threads) as the run began.
    """

    def __init__(
        self,
        config: RunConfig,
        splits: DataSplits,
        *,
        recorder: Recorder | None = None,
        resolved: Resolved | None = None,
        resume: Checkpoint | None = None,
        turned: tuple[KnobTurned, ...] = (),
    ) -> None:
        self.config = catalog.check(config)
        self.splits = splits
        self.recorder = recorder or Recorder(None)
        device = choose_device(resolved.device if resolved else config.train.device)
        told = condition_width(splits) if config.model.conditional else 0
        self.vae = build.build_model(config, splits.train.shape, condition=told)
        self.vae.caveat = splits.caveat
        if resume:
            unpack_model(self.vae, resume.tensors)
        else:
            build.start_at_mean(self.vae, splits.train.images_NCHW)
        self.vae.to(device).train()
        self.batches = BatchStream(
            splits.train.images_NCHW,
            conditions_NK=conditions_of(splits.train, told) if told else None,
            batch_size=config.train.batch_size, seed=config.train.seed, device=device,
        )  # fmt: skip
        self._augment = Augment(config.data, seed=config.train.seed, device=device)
        self.total_steps = self.batches.steps_per_epoch * config.train.epochs
        self.live = LiveConfig(config, self.total_steps, turned)
        self.step = resume.step if resume else 0
        objective = build.build_objective(config, self.vae)
        self.resolved = resolved or self._resolve(device, objective.codes_per_picture)
        self._stepper = self._make_stepper(objective, resume)
        self._saver = Saver(
            living(self.vae, self._stepper.optimizer, self._stepper.objective),
            resume.scalars.get("best") if resume else None,
        )
        self._ring = TermRing(device)
        self._uses = catalog.objectives()[config.objective.objective].uses
        self._notes = resume.notes if resume else ()
        self._watch = Stopwatch(float(resume.scalars["seconds"]) if resume else 0.0)
        self._stop = False
        self._under_way = False  # this step's settings are decided, its weights have not moved
        self._announced = len(self.live.turned)
        self._saved_at_s = self._watch.seconds
        self._validation_s = 0.0

    @property
    def images_trained(self) -> int:
        """Pictures seen since the first step, repeats counted."""
        epochs, batches = divmod(self.step, self.batches.steps_per_epoch)
        return epochs * len(self.splits.train) + batches * self.batches.batch_size

    # -- what the window may ask between two batches -------------------------------------------

    def turn_knob(self, path: str, value: Value) -> None:
        """Turn a live knob from the next batch on; StudioError when it cannot be turned now."""
        self.live.turn(self.step + self._under_way, path, value)

    def request_stop(self) -> None:
        """Save and end after the batch under way."""
        self._stop = True

    def restart_clock(self) -> None:
        """The time since the last batch was a pause; do not count it."""
        self._watch.restart()

    def past(self) -> tuple[BatchesTrained | Validated, ...]:
        """What was recorded before the run went on, once it has started."""
        return self.recorder.past(build.convention_of(self.vae))

    def flush(self) -> Event | None:
        """The batches trained since the last report, if any: a pause does not wait for more."""
        event = self._report()
        with suppress(DiskError):  # the next turn tries again, and tells
            self.recorder.write()
        return event

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> Iterator[Event | None]:
        """Train to the end. Yields None as a breath between batches that have nothing to tell."""
        try:
            yield from self._start()
            yield from self._train()
            yield from self._finish()
        except Exception as wrong:
            with suppress(RuntimeError):  # of a device that answers no more
                yield self.flush()
            self.recorder.fail()
            rate = self.live.at(self.step).train.learning_rate
            yield explain(wrong, step=self.step, learning_rate=rate, folder=self.recorder.path)
        finally:
            self.batches.close()

    def _train(self) -> Iterator[Event | None]:
        torch.set_num_threads(self.resolved.threads)
        self._watch.restart()
        while self.step < self.total_steps and not self._stop:
            yield from self._news_of_knobs()
            yield from self._one_step()
            done, at_edge = self.step, self.step % self.batches.steps_per_epoch == 0
            if at_edge or self._is_due() or self._is_time_to_tell():
                yield from self._tell()
            if self.step < done:
                continue  # the last steps were skipped
            if at_edge:
                yield from self._end_epoch()
            elif self._is_due():
                yield from self._save()
        yield from self._tell()
        yield from self._news_of_knobs()  # one turned during a pause that ended the run

    def _is_time_to_tell(self) -> bool:
        return self._watch.since_report_s > REPORT_INTERVAL_S or self._ring.full

    def _is_due(self) -> bool:
        return self._watch.seconds - self._saved_at_s > CHECKPOINT_INTERVAL_S

    def _one_step(self) -> Iterator[Event | None]:
        """One batch. Where its gradient finds no room, the same batch again in smaller parts."""
        step = self.step
        while self.step == step:
            try:
                yield from self._attempt()
            except NoRoom as wrong:
                cause = str(wrong)
            else:
                return
            yield from self._halve(cause)

    def _halve(self, cause: str) -> Iterator[Event]:
        """Train from this step on in parts half as large; out here nothing holds the failed one."""
        release_unused(self._stepper.device)
        batch_size = self.batches.batch_size
        if self.resolved.parts_at(self.step) >= batch_size:
            raise StudioError(
                f"The device ran out of memory at step {self.step:,} with a single picture. Train "
                "a narrower network or smaller pictures, or choose another device.",
                details=cause,
            )
        self.resolved = self.resolved.halved_at(self.step)
        yield from kept(lambda: self.recorder.note_resolved(self.resolved), self.step)
        pictures = -(-batch_size // self.resolved.parts_at(self.step))
        yield NoticeGiven(
            "warning",
            f"The device ran out of memory at step {self.step:,}. The step is done again, and from "
            f"here on batches of {batch_size} go through the network {pictures} pictures at a "
            "time.",
        )

    def _attempt(self) -> Iterator[None]:
        at, lr = self._setting(), self.live.learning_rate(self.step)
        batch = self._augment(self.batches.batch(self.step), self.step)
        self._stepper.micro_batches = self.resolved.parts_at(self.step)
        self._under_way = True
        for terms in self._stepper.run(batch, at, lr):
            if terms is not None:
                self._ring.add(terms, at, lr, capacity="capacity" in self._uses)
                self.step += 1
                self._under_way = False
                self._watch.lap(len(batch))
            yield None

    def _setting(self) -> Setting:
        return Setting(
            beta=self.live.beta(self.step) if "beta" in self._uses else 1.0,
            capacity=self.live.capacity(self.step) if "capacity" in self._uses else 0.0,
            temperature=self.live.temperature(self.step) if "temperature" in self._uses else 1.0,
            images=len(self.splits.train),
            step=self.step,
            total_steps=self.total_steps,
        )

    def _end_epoch(self) -> Iterator[Event | None]:
        yield self.recorder.note(EpochEnded(self.step // self.batches.steps_per_epoch, self.step))
        yield from self._validate()
        yield from kept(self.recorder.write, self.step)
        if self._is_due():
            yield from self._save()

    def _validate(self) -> Iterator[Event | None]:
        images = self.splits.validation
        if len(images) == 0:
            return
        before = self._watch.seconds
        measured = yield from self._measure(images)
        self._validation_s = (self._watch.seconds - before) / len(images)
        yield self.recorder.note(
            Validated(
                self.step, "validation", measured.distortion, measured.rate, measured.images,
                build.convention_of(self.vae),
            )
        )  # fmt: skip
        yield measured.units
        if self.live.is_settled(self.step - 1, self._uses):
            self._saver.consider(measured.nelbo, self.step, self._watch.seconds, self.recorder)

    def _measure(self, images: ImageSet) -> Generator[None, None, Measured]:
        slices = measure(self.vae, images, step=self.step)
        while True:
            try:
                next(slices)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            self._watch.lap()
            yield None

    def _tell(self) -> Iterator[Event]:
        """Report the last batches, and have them in the folder before anything that saw them."""
        if event := self._report():
            yield event
        yield from kept(self.recorder.write, self.step)

    def _report(self) -> Event | None:
        """The batches since the last report; on an accelerator, without those it skipped."""
        skipped = self._stepper.take_skipped()
        self._ring.drop(skipped)
        self.step -= skipped
        if not len(self._ring):
            return None
        first = self.step - len(self._ring)
        return self.recorder.note(self._ring.take(first, self._watch.images_per_second()))

    def _news_of_knobs(self) -> Iterator[Event]:
        while self._announced < len(self.live.turned):
            edit = self.live.turned[self._announced]
            self._announced += 1
            yield from kept(lambda: self.recorder.note_turned(self.live.turned), self.step)
            yield edit

    # -- the ends ------------------------------------------------------------------------------

    def _start(self) -> Iterator[Event]:
        for note in self._notes:
            yield NoticeGiven("warning", note)
        yield from kept(lambda: self.recorder.begin(self.step), self.step)
        yield RunStarted(
            run_id=self.recorder.run_id, name=self.recorder.name, step=self.step,
            total_steps=self.total_steps, steps_per_epoch=self.batches.steps_per_epoch,
            epochs=self.config.train.epochs, device=self.resolved.device,
            precision=self.resolved.precision, parameters=parameter_count(self.vae),
            convention=build.convention_of(self.vae), config=self.config,
            turned=tuple(self.live.turned),
        )  # fmt: skip

    def _save(self) -> Iterator[Event]:
        self._saved_at_s = self._watch.seconds
        yield from self._saver.save(self.step, self._watch.seconds, self.recorder)
        self._watch.lap()

    def _finish(self) -> Iterator[Event | None]:
        stopped = self.step < self.total_steps
        yield from self._save()
        seconds = self._watch.seconds
        test = train = None
        train_images = self.splits.train.slice(0, TRAIN_IMAGES)
        cost_s = self._validation_s * (len(self.splits.test) + len(train_images))
        if not stopped or 0 < cost_s < QUICK_EVALUATION_S:
            test = yield from self._measure(self.splits.test)
            train = yield from self._measure(train_images)
        summary = summarise(self, test=test, train=train, seconds=seconds)
        yield from kept(lambda: self.recorder.finish(stopped=stopped, summary=summary), self.step)
        yield RunFinished(self.step, stopped, summary)

    # -- how it begins -------------------------------------------------------------------------

    def _resolve(self, device: torch.device, codes: int) -> Resolved:
        parts = 1
        if device.type == "cpu":
            parts = micro_batches(self.vae, self.batches.batch_size, codes=codes)
        return Resolved(
            device=device.type,
            precision=choose_precision(self.config.train.precision, device),
            threads=_threads(),
            micro_batches=parts,
        )

    def _make_stepper(self, objective: BaseObjective, resume: Checkpoint | None) -> Stepper:
        stepper = Stepper(
            self.vae, objective, seed=self.config.train.seed,
            precision=self.resolved.precision, micro_batches=self.resolved.micro_batches,
        )  # fmt: skip
        if resume:
            unpack_optimizer(self.vae, stepper.optimizer, resume.tensors)
            unpack_objective(stepper.objective, resume.tensors)
        return stepper


def _threads() -> int:
    """torch's own choice, unless OMP_NUM_THREADS says otherwise (torch has read it already)."""
    return min(torch.get_num_threads(), os.cpu_count() or 1)
