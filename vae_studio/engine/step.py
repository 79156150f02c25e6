"""One training step: forward, backward, Adam; in micro-batches where one batch takes long."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

import torch
from torch import Tensor

from vae_studio.domain.seeds import seed_for
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.autopsy import autopsy
from vae_studio.engine.batches import Batch
from vae_studio.engine.device import autocast
from vae_studio.engine.failure import Diverged
from vae_studio.engine.memory import Kept, is_out_of_memory
from vae_studio.engine.objective import BaseObjective, Setting
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE

FORGOTTEN = 0.1  # of the labels of a conditional model (Ho & Salimans 2022, 2207.12598, 5.1)


class NoRoom(Exception):  # noqa: N818 - a fact about the device
    """The gradient of a batch did not fit into memory; the step was not applied."""


class Stepper:
    """Applies an objective's gradient. The noise of step k is a function of (seed, k) alone.

    A step that fails, for whatever reason, leaves weights, moments, buffers and the objective's
    state as they were. ``waits``: each step is checked before it is applied; otherwise (on an
    accelerator) the fused kernel itself skips a bad step and all behind it, and ``take_skipped``
    tells, so that no step costs a wait.
    """

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
        self.waits = self.device.type == "cpu"
        self._not_finite = torch.zeros((), device=self.device)
        self._skipped = torch.zeros((), device=self.device)
        self._buffers = Kept(vae.buffers())  # of the step before, such as batch norm's means
        self._learnt = Kept(objective.state().values())  # of the step before, by the objective

    def run(self, batch: Batch, at: Setting, lr: float) -> Iterator[Terms | None]:
        """Yields None between micro-batches and the batch's Terms once the step is applied.

        Raises NoRoom or Diverged when it was not, and can be run again.
        """
        self._generator.manual_seed(seed_for(self._seed, "step", at.step))
        self.optimizer.zero_grad()
        self.objective.before_step()
        self._buffers.keep()
        if not self.waits:
            self._learnt.keep()
        try:
            terms = yield from self._gradient(batch, at)
            self._check(terms, batch, at, lr)
        except Exception as wrong:
            self._buffers.restore()
            self.optimizer.zero_grad()
            if is_out_of_memory(wrong):
                raise NoRoom(str(wrong)) from None
            raise
        self.optimizer.step(lr)
        self.objective.after_step(at)
        if not self.waits:
            self._buffers.restore_if(self._not_finite)
            self._learnt.restore_if(self._not_finite)
        yield terms

    def take_skipped(self) -> int:
        """How many of the last steps an accelerator skipped; this waits for it.

        If any: the weights are those before the first of them, and from now on every step waits,
        so that the same step, run again, says what is wrong with it.
        """
        skipped = 0 if self.waits else int(self._skipped.item())
        if skipped:
            self.waits, self.optimizer.found_inf = True, None
        return skipped

    def _gradient(self, batch: Batch, at: Setting) -> Generator[None, None, Terms]:
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
        return parts[0][1] if len(parts) == 1 else _weighted(parts)

    def _told(self, condition_BK: Tensor | None) -> Tensor | None:
        """The condition with a tenth of its rows forgotten, so that "not told" is learnt too."""
        if condition_BK is None:
            return None
        lot = torch.rand(len(condition_BK), 1, generator=self._generator, device=self.device)
        return condition_BK * (lot >= FORGOTTEN)

    def _check(self, terms: Terms, batch: Batch, at: Setting, lr: float) -> None:
        """Loss and gradient are finite, and so are their squares, which Adam will add up."""
        if not self.waits:
            norms = torch.stack(torch._foreach_norm(self.optimizer.gradients))
            good = torch.isfinite(terms.loss.detach()) & torch.isfinite(norms.sum())
            self._not_finite = torch.maximum(self._not_finite, (~good).float())
            self._skipped = self._skipped + self._not_finite
            self.optimizer.found_inf = self._not_finite
            return
        if not math.isfinite(terms.loss.item()):
            what = "The loss"
        elif not math.isfinite(squared_norm(self.optimizer.gradients)):
            what = "The gradient"
        else:
            return
        raise Diverged(
            f"{what} stopped being a finite number at step {at.step:,}, so that step was not "
            "applied.",
            details=autopsy(self.vae, terms, batch, at, lr),
        )


def squared_norm(gradients: list[Tensor]) -> float:
    """Σ g² over all of them: dot products take 1 % of a step, isfinite() takes 25 %."""
    flat = [g.view(-1) if g.is_contiguous() else g.flatten() for g in gradients]
    return sum(torch.dot(g, g).item() for g in flat)


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
