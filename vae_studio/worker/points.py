"""What the points on the map tell of the units; numpy only."""

from __future__ import annotations

import numpy as np

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.reports import CodesEncoded


def units_of(points: CodesEncoded) -> UnitsMeasured:
    """KL, variance of the means and mean σ per unit over the points on the map.

    The KL is ½ (μ² + σ² − ln σ² − 1) as in engine.terms, taken here from what is at hand anyway.
    """
    mean, sigma = points.mean_ND.astype(np.float64), points.sigma_ND.astype(np.float64)
    kl = 0.5 * (mean**2 + sigma**2 - 2.0 * np.log(sigma) - 1.0)
    return UnitsMeasured(
        step=points.step, kl_D=kl.mean(0).astype(np.float32),
        mean_variance_D=mean.var(0).astype(np.float32), sigma_D=sigma.mean(0).astype(np.float32),
        images=len(mean),
    )  # fmt: skip
