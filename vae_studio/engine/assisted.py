"""An objective with an auxiliary term on top, which no reported number contains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import torch
from torch import Generator, Tensor, nn

from vae_studio.engine.objective import BaseObjective, Model, Setting
from vae_studio.engine.terms import Terms
from vae_studio.engine.vae import VAE


class Assisted(BaseObjective):
    """loss = loss of ``objective`` + ``weight`` · term(mean picture, x); D, R and so every NELBO
    stay those of the objective. The term itself stands among the extras as ``name``.

    ``term`` maps (mean picture, x), both (B, C, H, W) in [0, 1], to nats per image, 0-d. It sees
    the pictures of the objective's own codes, the first of each picture where there are several,
    and grey pictures also where the likelihood draws black and white ones. What the objective does
    to the gradient of its codes (IWAE's DReG) it does to the term's as well.
    """

    def __init__(
        self, objective: BaseObjective, term: nn.Module, *, name: str, weight: float
    ) -> None:
        super().__init__(objective.options)
        self.objective = objective
        self.term = term
        self.name = name
        self.weight = weight

    def __call__(self, model: Model, x_BCHW: Tensor, at: Setting, generator: Generator) -> Terms:
        """The terms of the objective, with the larger loss."""
        overheard = _Overheard(model)
        terms = self.objective(cast(Model, overheard), x_BCHW, at, generator)
        picture_BCHW = model.likelihood.mean_picture(overheard.output[: len(x_BCHW)])
        with torch.autocast(x_BCHW.device.type, enabled=False):  # bf16 loses what is compared
            term = self.term(picture_BCHW, x_BCHW)
        return replace(
            terms, loss=terms.loss + self.weight * term, extra={**terms.extra, self.name: term}
        )

    @property
    def codes_per_picture(self) -> int:
        """As the objective's."""
        return self.objective.codes_per_picture

    def adapt(self, vae: VAE) -> None:
        """As the objective does."""
        self.objective.adapt(vae)

    def prepare(self, vae: VAE, *, seed: int) -> None:
        """As the objective does; the term moves to the model's device."""
        self.objective.prepare(vae, seed=seed)
        self.term.to(next(vae.parameters()).device)

    def before_step(self) -> None:
        """As the objective does."""
        self.objective.before_step()

    def after_step(self, at: Setting) -> None:
        """As the objective does."""
        self.objective.after_step(at)

    def state(self) -> dict[str, Tensor]:
        """The objective's: terms learn nothing."""
        return self.objective.state()


class _Overheard:
    """A model whose last decoder output is remembered, so that nothing is decoded twice."""

    output: Tensor

    def __init__(self, model: Model) -> None:
        self._model = model

    def decode(self, z_BD: Tensor) -> Tensor:
        """As the model does."""
        self.output = self._model.decode(z_BD)
        return self.output

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)
