"""What a likelihood number means; it travels with every number that is shown or written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """The likelihood convention stamped on NELBO, distortion and rate.

    ``likelihood`` is the short name ("grey-BCE", "dynamic-binarised", "Gaussian σ=0.1"),
    ``size`` the picture as (channels, height, width), ``beta`` the weight of the KL in the number
    (1 for every NELBO) and ``samples`` how many posterior samples an importance-weighted bound
    used (0: the ordinary ELBO with one sample). An autoencoder's loss is no ``bound`` on anything.
    """

    likelihood: str
    size: tuple[int, int, int]
    beta: float = 1.0
    samples: int = 0
    bound: bool = True

    def sentence(self, distortion: float, rate: float) -> str:
        """As in "NELBO 100.20 = D 76.70 + R 23.50"; D alone where there is no bound."""
        if not self.bound:
            return f"D {distortion:.2f}"
        return f"NELBO {distortion + rate:.2f} = D {distortion:.2f} + R {rate:.2f}"

    def __str__(self) -> str:
        channels, height, width = self.size
        shape = f"{height}×{width}" + ("" if channels == 1 else f"×{channels}")
        bound = f" · IS-{self.samples}" if self.samples else ""
        if not self.bound:
            return f"{self.likelihood} · {shape} · exact codes, distortion only · nats per image"
        return f"{self.likelihood} · {shape} · β = {self.beta:g} · nats per image{bound}"
