"""What the worker works with, without Qt: the pictures, the model in hand, the run under way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from vae_studio.data.image_set import DataSplits
from vae_studio.domain.config import RunConfig
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import NoticeGiven
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.reports import EngineReady
from vae_studio.engine.adam import FusedAdam
from vae_studio.engine.device import usable_devices
from vae_studio.engine.session import open_model, resume_run, start_run
from vae_studio.export.grid import png_size, write_grid
from vae_studio.worker.gallery import Gallery
from vae_studio.worker.holding import Holding
from vae_studio.worker.picture_desk import PictureDesk, described
from vae_studio.worker.training import Training


class Studio:
    """The worker's belongings. No method takes longer than it must; training is stepped outside."""

    def __init__(self, pictures: PictureDesk) -> None:
        self.holding: Holding | None = None
        self.training: Training | None = None
        self.gallery = Gallery()
        self._pictures = pictures

    def warm_up(self) -> EngineReady:
        """The first backward pass sets up autograd and the thread pool: now, not at Train."""
        layer = torch.nn.Linear(64, 64)
        layer(torch.zeros(128, 64)).square().sum().backward()
        FusedAdam(layer.parameters()).step(1e-3)
        versions = {"torch": torch.__version__, "numpy": np.__version__, "Pillow": _pillow()}
        return EngineReady(usable_devices(), versions)

    # -- models --------------------------------------------------------------------------------

    def begin(self, config: RunConfig, *, batches: int | None) -> Iterator[Any]:
        """A new run with its model in hand; yields what the window is to be told."""
        splits = self._pictures.splits(config.data)
        trainer = start_run(config, splits)
        self.training = Training(trainer, batches=batches)
        self._hold(Holding.of_trainer(trainer))
        yield described(splits)
        assert self.holding is not None
        yield self.holding.described()

    def resume(self, path: Path, learning_rate: float) -> Iterator[Any]:
        """A run of before goes on with its model in hand; yields what the window is to be told."""
        trainer = resume_run(
            path,
            lambda config: self._pictures.splits(config.data),
            learning_rate=learning_rate or None,
        )
        self.training = Training(trainer, resumed=True)
        self._hold(Holding.of_trainer(trainer))
        yield described(trainer.splits)
        assert self.holding is not None
        yield self.holding.described()

    def open_run(self, path: Path) -> Iterator[Any]:
        """The model of a run folder in hand; yields what the window is to be told."""
        model = open_model(path)
        splits, notice = self._pictures_of(model.config)
        self.training = None
        example = "examples" in path.parts
        origin = "bundled example" if example else f"run {model.manifest.name}"
        self._hold(Holding.of_model(model, splits, origin))
        assert self.holding is not None
        yield self.holding.described()
        for note in (*model.notes, *notice):
            yield NoticeGiven("warning", note)

    def _pictures_of(self, config: RunConfig) -> tuple[DataSplits | None, tuple[str, ...]]:
        try:
            return self._pictures.splits(config.data), ()
        except StudioError as missing:
            return None, (f"The map has no points, only tiles: {missing.sentence}",)

    def _hold(self, holding: Holding) -> None:
        self.holding = holding
        self.gallery.model_changed(holding)

    # -- grids ---------------------------------------------------------------------------------

    def grid_png(self, spec: SampleGridSpec) -> tuple[bytes, tuple[int, int]]:
        """The bytes of a grid and its size in pixels."""
        if self.holding is None:
            raise StudioError("There is no model to sample from; train one or open a run first.")
        png = self.holding.grid_png(spec)
        return png, png_size(png)

    def write_grid(self, spec: SampleGridSpec, path: Path) -> tuple[int, int]:
        """Write the grid; its size in pixels."""
        png, size = self.grid_png(spec)
        write_grid(path, png)
        return size


def _pillow() -> str:
    return str(Image.__version__)
