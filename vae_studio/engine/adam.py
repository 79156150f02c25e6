"""Adam (Kingma & Ba 2014, 1412.6980) as one fused kernel call per step.

torch.optim.Adam calls the same kernel, after bookkeeping that takes longer than the kernel itself
on a small network: 0.85 ms against 0.3 ms per step for the 784-400-20 net on two cores.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class FusedAdam:
    """Steps parameters by their gradients; all moments are zero at first.

    ``found_inf`` (0-d tensor, 1.0 = bad), when set, makes the kernel skip the step on the device,
    without anybody waiting for the loss.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], *, betas: tuple[float, float] = BETAS
    ) -> None:
        self.parameters = list(parameters)
        self.betas = betas
        self.first = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.second = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.steps = torch.zeros((), device=self.parameters[0].device)
        self.found_inf: Tensor | None = None

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @property
    def gradients(self) -> list[Tensor]:
        """The gradients in the order of the parameters; zero for one that the loss does not use."""
        return [
            torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            for parameter in self.parameters
        ]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """θ ← θ − lr · m̂ / (√v̂ + ε)."""
        self.steps += 1
        torch._fused_adam_(
            self.parameters, self.gradients, self.first, self.second, [],
            [self.steps] * len(self.parameters), lr=lr, beta1=self.betas[0], beta2=self.betas[1],
            weight_decay=0.0, eps=EPSILON, amsgrad=False, maximize=False,
            grad_scale=None, found_inf=self.found_inf,
        )  # type: ignore[call-overload]  # fmt: skip
        if self.found_inf is not None:
            self.steps -= self.found_inf

    def state(self, names: Iterable[str]) -> dict[str, Tensor]:
        """Moments by parameter name (in the order of the parameters), and the count of steps."""
        moments: dict[str, Tensor] = {}
        for name, first, second in zip(names, self.first, self.second, strict=True):
            moments |= {f"{name}.exp_avg": first, f"{name}.exp_avg_sq": second}
        return {**moments, "step": self.steps}

    def load(self, names: Iterable[str], state: dict[str, Tensor]) -> None:
        """Put back what ``state`` answered; KeyError when a part is missing."""
        for name, first, second in zip(names, self.first, self.second, strict=True):
            first.copy_(state[f"{name}.exp_avg"])
            second.copy_(state[f"{name}.exp_avg_sq"])
        self.steps.copy_(state["step"])
