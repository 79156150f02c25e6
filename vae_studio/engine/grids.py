"""From a model to the bytes of a sample grid: one way for window and command line alike."""

from __future__ import annotations

import numpy as np

from vae_studio.domain.config import RunConfig, to_dict
from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.engine.conditions import one_hot
from vae_studio.engine.probe import Pictures, Probe
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
    pictures = _under_every_label(probe, spec) if spec.label_rows else _drawn(probe, spec)
    provenance = Provenance(
        run_id=run_id, run_name=run_name, config_hash=config_hash(to_dict(config)), step=step,
        seed=spec.seed, temperature=spec.temperature, convention=convention,
        dataset=title, units=config.model.latent_dim, beta=config.objective.beta,
    )  # fmt: skip
    return sample_grid_png(pictures, spec, provenance)


def _drawn(probe: Probe, spec: SampleGridSpec) -> Pictures:
    pictures, _ = probe.sample(spec.count, seed=spec.seed, temperature=spec.temperature)
    return pictures


def _under_every_label(probe: Probe, spec: SampleGridSpec) -> Pictures:
    classes = probe.vae.condition
    if not classes:
        raise StudioError(
            "This model was never told what its pictures show, so it cannot draw a row per class; "
            "train one with --conditional yes."
        )
    codes = probe.codes(spec.columns, seed=spec.seed, temperature=spec.temperature)
    rows = np.repeat(np.arange(spec.rows) % classes, spec.columns)
    return probe.decode(np.tile(codes, (spec.rows, 1)), one_hot(rows, classes))
