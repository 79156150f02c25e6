"""From a wish to a trainer with a run folder, and from a run folder back to a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits
from vae_studio.data.progress import Progress
from vae_studio.data.splits import part_hashes
from vae_studio.domain.config import RunConfig, from_dict, to_dict
from vae_studio.domain.convention import Convention
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import KnobTurned
from vae_studio.domain.resolved import Resolved
from vae_studio.engine import build, catalog
from vae_studio.engine.checkpoint import unpack_model
from vae_studio.engine.fitted_prior import put_fitted_prior
from vae_studio.engine.probe import Probe
from vae_studio.engine.recorder import Recorder
from vae_studio.engine.trainer import Trainer
from vae_studio.engine.vae import VAE, parameter_count
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import runs_root
from vae_studio.runs.manifest import Manifest
from vae_studio.runs.names import run_name


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model out of a run folder, on the CPU, with what is known about it."""

    vae: VAE
    probe: Probe
    config: RunConfig
    manifest: Manifest
    step: int
    convention: Convention
    notes: tuple[str, ...] = ()

    @property
    def data_title(self) -> str:
        """What the data set is called on screen."""
        return str(self.manifest.resolved.get("title", self.config.data.dataset))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the data's classes; empty when it had none."""
        return tuple(self.manifest.resolved.get("class_names", ()))


def load_data(
    config: RunConfig, *, data_dir: Path | None = None, download: bool = False,
    progress: Progress | None = None,
) -> DataSplits:  # fmt: skip
    """The pictures a config names, in memory."""
    return load_splits(
        config.data.dataset, data_dir=data_dir, size=config.data.size,
        validation=config.data.validation, download=download, progress=progress,
    )  # fmt: skip


def start_session(
    config: RunConfig, *, data_dir: Path | None = None, out: Path | None = None,
    name: str | None = None, download: bool = True, progress: Progress | None = None,
) -> Trainer:  # fmt: skip
    """A trainer for a new run; its folder is ``out``, or a new one in the library of runs."""
    catalog.check(config)
    splits = load_data(config, data_dir=data_dir, download=download, progress=progress)
    return start_run(config, splits, out=out, name=name)


def start_run(
    config: RunConfig, splits: DataSplits, *, out: Path | None = None, name: str | None = None
) -> Trainer:
    """As ``start_session``, with the pictures in hand. The config keeps a name, never a path."""
    named = msgspec.structs.replace(config.data, dataset=splits.name)
    config = catalog.spelled_out(msgspec.structs.replace(config, data=named))
    trainer = Trainer(config, splits)
    facts = _facts(trainer)
    name = name or run_name(splits.name, config.model.latent_dim)
    if out is None:
        folder = RunFolder.create(runs_root(), name=name, config=to_dict(config), resolved=facts)
    else:
        folder = RunFolder.create_at(out, name=name, config=to_dict(config), resolved=facts)
    trainer.recorder = Recorder(folder)
    return trainer


def resume_session(
    run: Path, *, learning_rate: float | None = None, data_dir: Path | None = None,
    progress: Progress | None = None,
) -> Trainer:  # fmt: skip
    """A trainer that goes on from the newest good checkpoint, equal to the bit; with another
    learning rate from there on if one is given.
    """
    load = partial(load_data, data_dir=data_dir, progress=progress)
    return resume_run(run, load, learning_rate=learning_rate)


def resume_run(
    run: Path, load: Callable[[RunConfig], DataSplits], *, learning_rate: float | None = None
) -> Trainer:
    """As ``resume_session``, with the pictures that ``load`` answers for the run's config."""
    folder = RunFolder.open(run, write=True)
    try:
        trainer = _resumed(folder, load)
        if learning_rate is not None:
            trainer.turn_knob("train.learning_rate", learning_rate)
        return trainer
    except BaseException:
        folder.close()
        raise


def _resumed(folder: RunFolder, load: Callable[[RunConfig], DataSplits]) -> Trainer:
    manifest = folder.manifest
    if manifest.state == "done":
        raise StudioError(f"The run '{manifest.name}' is finished; there is nothing to resume.")
    config = from_dict(manifest.config)
    splits = load(config)
    if splits.fingerprint != manifest.resolved.get("fingerprint"):
        raise StudioError(
            f"The pictures of '{splits.name}' are not those the run '{manifest.name}' began with; "
            "point --data-dir to the same set, or start a new run."
        )
    return Trainer(
        config, splits, recorder=Recorder(folder),
        resolved=msgspec.convert(manifest.resolved, Resolved),
        resume=folder.load_checkpoint() if manifest.checkpoints else None,
        turned=tuple(KnobTurned(**edit) for edit in manifest.edits),
    )  # fmt: skip


def open_model(
    run: Path, *, checkpoint: str | None = None, prior: Literal["fitted"] | None = None
) -> LoadedModel:
    """The model of a run's newest good checkpoint (or the named one), for looking and asking;
    with the prior it was trained with, or the one fitted to its codes afterwards.
    """
    folder = RunFolder.open(run)
    manifest = folder.manifest
    if not manifest.checkpoints:
        raise StudioError(
            f"The run '{manifest.name}' has no checkpoint yet; resume it, or open another run."
        )
    config = catalog.check(from_dict(manifest.config))
    loaded = folder.load_checkpoint(checkpoint)
    told = len(manifest.resolved["class_names"]) if config.model.conditional else 0
    vae = build.build_model(config, _shape(manifest), condition=told)
    vae.caveat = str(manifest.resolved.get("caveat", ""))
    unpack_model(vae, loaded.tensors)
    vae.eval()
    notes = loaded.notes
    if prior == "fitted":
        notes += put_fitted_prior(vae, folder, loaded.step)
    return LoadedModel(
        vae, Probe(vae), config, manifest, loaded.step, build.convention_of(vae), notes
    )


def config_hash(config: dict[str, Any]) -> str:
    """Sixteen hex digits that two runs share when all their settings are equal."""
    text = json.dumps(config, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _shape(manifest: Manifest) -> tuple[int, int, int]:
    try:
        channels, height, width = (int(side) for side in manifest.resolved["shape"])
    except (KeyError, TypeError, ValueError):
        raise StudioError(
            f"The run '{manifest.name}' does not say how large its pictures are; its manifest "
            "was changed by hand."
        ) from None
    return channels, height, width


def _facts(trainer: Trainer) -> dict[str, Any]:
    splits = trainer.splits
    return {
        **msgspec.to_builtins(trainer.resolved),
        "total_steps": trainer.total_steps,
        "steps_per_epoch": trainer.batches.steps_per_epoch,
        "parameters": parameter_count(trainer.vae),
        "convention": str(build.convention_of(trainer.vae)),
        "fingerprint": splits.fingerprint,
        "parts": part_hashes(splits),
        "caveat": splits.caveat,
        "patient_data": splits.patient_data,
        "title": splits.title,
        "class_names": list(splits.class_names),
        "shape": list(splits.train.shape),
        "pictures": {
            "train": len(splits.train), "validation": len(splits.validation),
            "test": len(splits.test),
        },
    }  # fmt: skip
