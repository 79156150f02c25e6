"""One training step: forward, backward, Adam; in micro-batches where one batch takes long."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.batches import Batch
from vae_studio.engine.device import autocast
from vae_studio.engine.objective import BaseObjective, Setting
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE

FORGOTTEN = 0.1  # of the labels of a conditional model (Ho & Salimans 2022, 2207.12598, 5.1)


class Diverged(StudioError):  # noqa: N818 - a fact about the run, told in its sentence
    """The loss of a step is not finite; the step was not applied."""


class Stepper:
    """Applies an objective's gradient. The noise of step k is a function of (seed, k) alone."""

    def __init__(
        self,
        vae: VAE,
        objective: BaseObjective,
        *,
        seed: int,
        precision: str,
        micro_batches: int = 1,
    ) -> None:
        self.vae = vae
        self.objective = objective
        self.device = next(vae.parameters()).device
        self.precision = precision
        self.micro_batches = micro_batches
        self.optimizer = FusedAdam(vae.parameters())
        self._seed = seed
        self._generator = torch.Generator(self.device)
        self._not_finite = torch.zeros((), device=self.device)

    def run(self, batch: Batch, at: Setting, lr: float) -> Iterator[Terms | None]:
        """Yields None between micro-batches and the batch's Terms once the step is applied."""
        self._generator.manual_seed(seed_for(self._seed, "step", at.step))
        self.optimizer.zero_grad()
        parts: list[tuple[float, Terms]] = []
        for micro in batch.parts(self.micro_batches):
            if parts:
                yield None
            share = len(micro) / len(batch)
            model = self.vae.given(self._told(micro.condition_BK))
            with autocast(self.device, self.precision):
                terms = self.objective(model, micro.x_BCHW, at, self._generator)
            (terms.loss if share == 1.0 else terms.loss * share).backward()
            parts.append((share, terms))
        terms = parts[0][1] if len(parts) == 1 else _weighted(parts)
        self._apply(terms, at.step, lr)
        self.objective.after_step(at)
        yield terms

    def _told(self, condition_BK: Tensor | None) -> Tensor | None:
        """The condition with a tenth of its rows forgotten, so that "not told" is learnt too."""
        if condition_BK is None:
            return None
        lot = torch.rand(len(condition_BK), 1, generator=self._generator, device=self.device)
        return condition_BK * (lot >= FORGOTTEN)

    def _apply(self, terms: Terms, step: int, lr: float) -> None:
        if self.device.type == "cpu":
            if not math.isfinite(terms.loss.item()):
                raise diverged(step, beta_lr=lr)
        else:  # no sync: the fused kernel itself skips this and all later steps
            self._not_finite = torch.maximum(
                self._not_finite, (~torch.isfinite(terms.loss.detach())).float()
            )
            self.optimizer.found_inf = self._not_finite
        self.optimizer.step(lr)


def diverged(step: int, *, beta_lr: float) -> Diverged:
    """The sentence for a loss that is NaN or infinite."""
    return Diverged(
        f"The loss stopped being a finite number at step {step:,}, so that step was not applied. "
        f"Train again with half the learning rate ({beta_lr / 2:.2g}) or a longer warm-up."
    )


def _weighted(parts: list[tuple[float, Terms]]) -> Terms:
    def mean(values: list[Tensor]) -> Tensor:
        return torch.stack(
            [share * value for (share, _), value in zip(parts, values, strict=True)]
        ).sum()

    everyone = [terms for _, terms in parts]
    return Terms(
        mean([terms.loss.detach() for terms in everyone]),
        mean([terms.distortion.detach() for terms in everyone]),
        mean([terms.rate.detach() for terms in everyone]),
        {
            name: mean([terms.extra[name].detach() for terms in everyone])
            for name in everyone[0].extra
        },
    )
