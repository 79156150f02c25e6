"""The training loop: a generator that yields facts, one batch (or slice) per ``next()``."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import torch

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import RunConfig
from vae_studio.domain.events import (
    CheckpointSaved,
    EpochEnded,
    Event,
    KnobTurned,
    RunFailed,
    RunFinished,
    RunStarted,
    Validated,
)
from vae_studio.domain.knobs import Value
from vae_studio.domain.resolved import Resolved
from vae_studio.engine import build, catalog
from vae_studio.engine.batches import BatchStream
from vae_studio.engine.checkpoint import (
    all_finite,
    pack,
    unpack_model,
    unpack_objective,
    unpack_optimizer,
)
from vae_studio.engine.conditions import condition_width, conditions_of
from vae_studio.engine.cost import micro_batches
from vae_studio.engine.device import choose_device, choose_precision
from vae_studio.engine.failure import explain
from vae_studio.engine.live_config import LiveConfig
from vae_studio.engine.measure import Measured, measure
from vae_studio.engine.objective import Setting
from vae_studio.engine.recorder import Recorder
from vae_studio.engine.ring import TermRing
from vae_studio.engine.step import Stepper
from vae_studio.engine.stopwatch import Stopwatch
from vae_studio.engine.summary import TRAIN_IMAGES, summarise
from vae_studio.engine.vae import parameter_count
from vae_studio.runs.folder import Checkpoint

REPORT_INTERVAL_S = 0.1  # every report re-lays labels out; ten a second cost 5 % less than thirty
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
        self.vae = build.build_vae(
            config.model, splits.train.shape, seed=config.train.seed, condition=told
        )
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
        self.total_steps = self.batches.steps_per_epoch * config.train.epochs
        self.live = LiveConfig(config, self.total_steps, turned)
        self.step = resume.step if resume else 0
        self.resolved = resolved or self._resolve(device)
        self._stepper = self._make_stepper(resume)
        self._ring = TermRing(device)
        self._watch = Stopwatch(float(resume.scalars["seconds"]) if resume else 0.0)
        self._stop = False
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
        self.live.turn(self.step, path, value)

    def request_stop(self) -> None:
        """Save and end after the batch under way."""
        self._stop = True

    def restart_clock(self) -> None:
        """The time since the last batch was a pause; do not count it."""
        self._watch.restart()

    def flush(self) -> Event | None:
        """The batches trained since the last report, if any: a pause does not wait for more."""
        return self._report() if len(self._ring) else None

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> Iterator[Event | None]:
        """Train to the end. Yields None as a breath between batches that have nothing to tell."""
        try:
            yield self._started()
            yield from self._train()
            yield from self._finish()
        except Exception as wrong:
            self.recorder.fail()
            sentence, details = explain(wrong, self.step)
            yield RunFailed(sentence, details, self.recorder.path)

    def _train(self) -> Iterator[Event | None]:
        torch.set_num_threads(self.resolved.threads)
        self._watch.restart()
        while self.step < self.total_steps and not self._stop:
            yield from self._news_of_knobs()
            yield from self._one_step()
            if self._watch.since_report_s > REPORT_INTERVAL_S or self._ring.full:
                yield self._report()
            if self.step % self.batches.steps_per_epoch == 0:
                yield from self._end_epoch()
            elif self._watch.seconds - self._saved_at_s > CHECKPOINT_INTERVAL_S:
                if len(self._ring):  # what a checkpoint has seen must stand in the metrics before
                    yield self._report()
                yield from self._save()
        if len(self._ring):
            yield self._report()

    def _one_step(self) -> Iterator[None]:
        at, lr = self._setting(), self.live.learning_rate(self.step)
        batch = self.batches.batch(self.step)
        for terms in self._stepper.run(batch, at, lr):
            if terms is not None:
                self._ring.add(terms, beta=at.beta, learning_rate=lr)
                self.step += 1
                self._watch.lap(len(batch))
            yield None

    def _setting(self) -> Setting:
        return Setting(
            beta=self.live.beta(self.step),
            images=len(self.splits.train),
            step=self.step,
            total_steps=self.total_steps,
        )

    def _end_epoch(self) -> Iterator[Event | None]:
        if len(self._ring):
            yield self._report()
        yield self.recorder.note(EpochEnded(self.step // self.batches.steps_per_epoch, self.step))
        yield from self._validate()
        if self._watch.seconds - self._saved_at_s > CHECKPOINT_INTERVAL_S:
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

    def _measure(self, images: ImageSet) -> Generator[None, None, Measured]:
        slices = measure(self.vae, images, step=self.step)
        while True:
            try:
                next(slices)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            self._watch.lap()
            yield None

    def _report(self) -> Event:
        first = self.step - len(self._ring)
        return self.recorder.note(self._ring.take(first, self._watch.images_per_second()))

    def _news_of_knobs(self) -> Iterator[Event]:
        while self._announced < len(self.live.turned):
            edit = self.live.turned[self._announced]
            self._announced += 1
            self.recorder.note_turned(self.live.turned)
            yield edit

    # -- the ends ------------------------------------------------------------------------------

    def _started(self) -> Event:
        self.recorder.begin(self.step)
        return RunStarted(
            run_id=self.recorder.run_id, name=self.recorder.name, step=self.step,
            total_steps=self.total_steps, steps_per_epoch=self.batches.steps_per_epoch,
            epochs=self.config.train.epochs, device=self.resolved.device,
            precision=self.resolved.precision, parameters=parameter_count(self.vae),
            convention=build.convention_of(self.vae),
        )  # fmt: skip

    def _save(self) -> Iterator[Event]:
        self._saved_at_s = self._watch.seconds
        arrays = pack(self.vae, self._stepper.optimizer, self._stepper.objective)
        if all_finite(arrays):
            name = self.recorder.save(self.step, arrays, {"seconds": self._watch.seconds})
            if name:
                yield CheckpointSaved(self.step, name)
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
        self.recorder.finish(stopped=stopped, summary=summary)
        yield RunFinished(self.step, stopped, summary)

    # -- how it begins -------------------------------------------------------------------------

    def _resolve(self, device: torch.device) -> Resolved:
        parts = micro_batches(self.vae, self.batches.batch_size) if device.type == "cpu" else 1
        return Resolved(
            device=device.type,
            precision=choose_precision(self.config.train.precision, device),
            threads=_threads(),
            micro_batches=parts,
        )

    def _make_stepper(self, resume: Checkpoint | None) -> Stepper:
        stepper = Stepper(
            self.vae, build.build_objective(self.config, self.vae), seed=self.config.train.seed,
            precision=self.resolved.precision, micro_batches=self.resolved.micro_batches,
        )  # fmt: skip
        if resume:
            unpack_optimizer(self.vae, stepper.optimizer, resume.tensors)
            unpack_objective(stepper.objective, resume.tensors)
        return stepper


def _threads() -> int:
    """torch's own choice, unless OMP_NUM_THREADS says otherwise (torch has read it already)."""
    return min(torch.get_num_threads(), os.cpu_count() or 1)
