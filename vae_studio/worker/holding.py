"""The model in the worker's hands, and the pictures it is shown with."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import RunConfig
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.reports import ModelChanged
from vae_studio.engine.build import convention_of
from vae_studio.engine.grids import sample_grid
from vae_studio.engine.probe import Probe
from vae_studio.engine.session import LoadedModel
from vae_studio.engine.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Holding:
    """A model that can be asked. ``trainer`` is set while (and after) it was trained here."""

    probe: Probe
    config: RunConfig
    splits: DataSplits | None
    origin: str
    run_id: str
    run_name: str
    saved_step: int
    class_names: tuple[str, ...]
    data_title: str
    trainer: Trainer | None = None
    patient_data: bool = False

    @classmethod
    def of_trainer(cls, trainer: Trainer) -> Holding:
        """The model a trainer trains."""
        recorder = trainer.recorder
        return cls(
            Probe(trainer.vae), trainer.config, trainer.splits, f"run {recorder.name}",
            recorder.run_id, recorder.name, trainer.step, trainer.splits.class_names,
            trainer.splits.title, trainer, trainer.splits.patient_data,
        )  # fmt: skip

    @classmethod
    def of_model(cls, model: LoadedModel, splits: DataSplits | None, origin: str) -> Holding:
        """A model out of a run folder."""
        manifest = model.manifest
        return cls(
            model.probe, model.config, splits, origin, manifest.run_id, manifest.name, model.step,
            model.class_names, model.data_title,
            patient_data=bool(manifest.resolved.get("patient_data", False)),
        )  # fmt: skip

    @property
    def step(self) -> int:
        """Batches the weights have seen."""
        return self.trainer.step if self.trainer else self.saved_step

    @property
    def shown(self) -> ImageSet | None:
        """The pictures for points and reconstructions: the test split, None without data."""
        return self.splits.test if self.splits else None

    def described(self) -> ModelChanged:
        """What the window is told about it."""
        vae = self.probe.vae
        return ModelChanged(
            units=vae.units, shape=vae.shape, class_names=self.class_names, origin=self.origin,
            convention=str(convention_of(vae)), run_name=self.run_name, step=self.step,
            patient_data=self.patient_data,
        )  # fmt: skip

    def grid_png(self, spec: SampleGridSpec) -> bytes:
        """The bytes of a sample grid with the weights as they are now."""
        return sample_grid(
            self.probe, spec, config=self.config, run_id=self.run_id, run_name=self.run_name,
            step=self.step, convention=str(convention_of(self.probe.vae)), title=self.data_title,
        )  # fmt: skip
