"""How far a run is, in words: kept in one place so that every panel says the same."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.domain.events import BatchesTrained, RunStarted


@dataclass(frozen=True)
class RunProgress:
    """Where a run stands. ``step`` counts finished batches."""

    step: int = 0
    total_steps: int = 0
    steps_per_epoch: int = 0
    epochs: int = 0
    batch_size: int = 0
    images_per_second: float = 0.0

    @classmethod
    def started(cls, run: RunStarted, batch_size: int) -> RunProgress:
        """At the first batch of a run (or of its continuation)."""
        return cls(run.step, run.total_steps, run.steps_per_epoch, run.epochs, batch_size)

    def after(self, batches: BatchesTrained) -> RunProgress:
        """After this chunk of batches."""
        return RunProgress(
            batches.last_step + 1, self.total_steps, self.steps_per_epoch, self.epochs,
            self.batch_size, batches.images_per_second or self.images_per_second,
        )  # fmt: skip

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0

    @property
    def epoch(self) -> int:
        """The epoch the next batch belongs to, from 1."""
        done = self.step // self.steps_per_epoch if self.steps_per_epoch else 0
        return min(self.epochs, done + 1)

    @property
    def seconds_left(self) -> float | None:
        """At the present speed; None before a speed is known."""
        if not self.images_per_second or not self.batch_size:
            return None
        return (self.total_steps - self.step) * self.batch_size / self.images_per_second

    def sentence(self) -> str:
        """ "epoch 3 of 10 · step 1,203 · 20,900 images/s · 16 s left"."""
        if not self.total_steps:
            return ""
        parts = [f"epoch {self.epoch:,} of {self.epochs:,}", f"step {self.step:,}"]
        if self.images_per_second:
            parts.append(f"{rounded(self.images_per_second):,} images/s")
        if self.seconds_left is not None and self.share < 1:
            parts.append(f"{duration(self.seconds_left)} left")
        return " · ".join(parts)


def rounded(number: float) -> int:
    """Three significant digits; the rest would only flicker."""
    whole = round(number)
    digits = len(str(abs(whole)))
    return round(whole, -(digits - 3)) if digits > 3 else whole


def duration(seconds: float) -> str:
    """ "16 s", "2 min 05 s", "1 h 20 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"
