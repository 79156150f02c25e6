"""From a model to the bytes of a sample grid: one way for window and command line alike."""

from __future__ import annotations

from vae_studio.domain.config import RunConfig, to_dict
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.engine.probe import Probe
from vae_studio.engine.session import config_hash
from vae_studio.export.grid import sample_grid_png
from vae_studio.export.provenance import Provenance


def sample_grid(
    probe: Probe, spec: SampleGridSpec, *, config: RunConfig, run_id: str, run_name: str, step: int,
    convention: str, title: str,
) -> bytes:  # fmt: skip
    """The PNG of decoded prior samples, drawn with the spec's own seed and temperature.

    ``title`` is what captions call the data set.
    """
    pictures, _ = probe.sample(spec.count, seed=spec.seed, temperature=spec.temperature)
    provenance = Provenance(
        run_id=run_id, run_name=run_name, config_hash=config_hash(to_dict(config)), step=step,
        seed=spec.seed, temperature=spec.temperature, convention=convention,
        dataset=title, units=config.model.latent_dim, beta=config.objective.beta,
    )  # fmt: skip
    return sample_grid_png(pictures, spec, provenance)
