"""What a likelihood number means; it travels with every number that is shown or written."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """The likelihood convention stamped on NELBO, distortion and rate.

    ``likelihood`` is the short name ("grey-BCE", "dynamic-binarised", "Gaussian σ=0.1"),
    ``size`` the picture as (channels, height, width), ``beta`` the weight of the KL in the number
    (1 for every NELBO) and ``samples`` how many posterior samples an importance-weighted bound
    used (0: the ordinary ELBO with one sample). An autoencoder's loss is no ``bound`` on anything.
    ``prior`` names the prior in the number where it is not N(0, I) ("realnvp"). ``discrete``: the
    number is a code length of the 8-bit picture, so it reads as bits per value as well. ``caveat``
    is a word about the pictures ("not the official file") that forbids comparing the number.
    """

    likelihood: str
    size: tuple[int, int, int]
    beta: float = 1.0
    samples: int = 0
    bound: bool = True
    prior: str = ""
    discrete: bool = False
    caveat: str = ""

    def sentence(self, distortion: float, rate: float) -> str:
        """As in "NELBO 100.20 = D 76.70 + R 23.50"; D alone where there is no bound."""
        if not self.bound:
            return f"D {distortion:.2f}"
        nelbo = distortion + rate
        bits = f" ({self.bits_per_value(nelbo):.3f} bits per value)" if self.discrete else ""
        return f"NELBO {nelbo:.2f} = D {distortion:.2f} + R {rate:.2f}{bits}"

    def bits_per_value(self, nats: float) -> float:
        """Nats per image as bits for each of its C·H·W values ("bits/dim"); 8 stores the file.

        Comparable between models of 8-bit pictures only where the convention is ``discrete``.
        """
        return nats / (math.prod(self.size) * math.log(2))

    def __str__(self) -> str:
        channels, height, width = self.size
        shape = f"{height}×{width}" + ("" if channels == 1 else f"×{channels}")
        bound = f" · IS-{self.samples}" if self.samples else ""
        unit = f"nats per image · {self.caveat}" if self.caveat else "nats per image"
        if not self.bound:
            return f"{self.likelihood} · {shape} · exact codes, distortion only · {unit}"
        prior = f" · prior {self.prior}" if self.prior else ""
        return f"{self.likelihood} · {shape} · β = {self.beta:g}{prior} · {unit}{bound}"
