"""Asks a model questions; never changes it, nor the randomness of a run that trains it.

Pictures go in and out as uint8 arrays; codes are float32 arrays (N, D).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_studio.domain.seeds import seed_for
from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.engine.vae import VAE

Floats = NDArray[np.float32]
Pictures = NDArray[np.uint8]

SLICE = 512  # codes decoded at once: bounds memory, and the wait of a request behind it


@dataclass(frozen=True, eq=False)
class Encoded:
    """Posterior means and standard deviations, each (N, D)."""

    mean_ND: Floats
    sigma_ND: Floats


class Probe:
    """Encode, decode, sample with the weights as they are now (fp32, evaluation mode)."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    @contextmanager
    def _asking(self) -> Iterator[torch.device]:
        was_training = self.vae.training
        self.vae.eval()
        try:
            with torch.no_grad():
                yield next(self.vae.parameters()).device
        finally:
            self.vae.train(was_training)

    def encode(self, images_NCHW: Pictures, told_NK: Floats | None = None) -> Encoded:
        """q(z|x) of pictures (N, C, H, W) as the network sees them; a conditional model may be
        told what they show.
        """
        means, sigmas = [], []
        with self._asking() as device:
            for start in range(0, len(images_NCHW), SLICE):
                x = as_tensor(images_NCHW[start : start + SLICE]).to(device)
                posterior = self.vae.posterior(as_floats(x), _rows(told_NK, start, device))
                means.append(posterior.mean_BD.cpu().numpy())
                sigmas.append((0.5 * posterior.logvar_BD).exp().cpu().numpy())
        empty = [np.empty((0, self.vae.units), np.float32)]
        return Encoded(np.concatenate(means or empty), np.concatenate(sigmas or empty))

    def decode(self, codes_ND: Floats, told_NK: Floats | None = None) -> Pictures:
        """E[x|z] at codes (N, D): pictures (N, H, W, C)."""
        parts = []
        with self._asking() as device:
            for start in range(0, len(codes_ND), SLICE):
                z = torch.from_numpy(np.ascontiguousarray(codes_ND[start : start + SLICE]))
                told = _rows(told_NK, start, device)
                output = self.vae.decode(z.float().to(device), told)
                parts.append(_to_pictures(self.vae.likelihood.mean_picture(output)))
        channels, height, width = self.vae.shape
        return np.concatenate(parts or [np.empty((0, height, width, channels), np.uint8)])

    def reconstruct(self, images_NCHW: Pictures) -> Pictures:
        """The decoder's mean picture at the posterior mean, (N, H, W, C)."""
        return self.decode(self.encode(images_NCHW).mean_ND)

    def sample(
        self, count: int, *, seed: int, temperature: float = 1.0, told_NK: Floats | None = None
    ) -> tuple[Pictures, Floats]:
        """Decoded draws from the prior and their codes; code i depends on (seed, i) alone.

        ``temperature`` scales the spread of the prior: below 1 typical, above 1 odd.
        """
        codes = self.codes(count, seed=seed, temperature=temperature)
        return self.decode(codes, told_NK), codes

    def codes(self, count: int, *, seed: int, temperature: float = 1.0) -> Floats:
        """Draws (count, D) from the prior; code i depends on (seed, i) alone."""
        noise = noise_codes(count, self.vae.units, seed=seed)
        with self._asking() as device:
            drawn = self.vae.prior.from_noise(
                torch.from_numpy(noise).to(device), temperature=temperature
            )
        return drawn.cpu().numpy()  # type: ignore[no-any-return]


def noise_codes(count: int, units: int, *, seed: int) -> Floats:
    """ε (count, units) ~ N(0, 1). A larger grid keeps the draws of a smaller one."""
    generator = np.random.Generator(np.random.PCG64(seed_for(seed, "prior")))
    return generator.standard_normal((count, units), dtype=np.float32)


def _rows(told_NK: Floats | None, start: int, device: torch.device) -> torch.Tensor | None:
    if told_NK is None:
        return None
    return torch.from_numpy(told_NK[start : start + SLICE]).to(device)


def _to_pictures(mean_BCHW: torch.Tensor) -> Pictures:
    scaled = mean_BCHW.mul(255.0).round_().clamp_(0, 255).to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()
