"""Parts for tests of the window and its forms: catalogs, reports, a window of stand-in panels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QWidget

from vae_studio.domain.convention import Convention
from vae_studio.domain.events import BatchesTrained, RunStarted
from vae_studio.domain.reports import DataLoaded
from vae_studio.engine import catalog
from vae_studio.ui import theme
from vae_studio.ui.layout_store import LayoutStore
from vae_studio.ui.main_window import MainWindow
from vae_studio.ui.panels.data import DataPanel
from vae_studio.ui.panels.log import LogPanel
from vae_studio.ui.panels.model import ModelPanel
from vae_studio.ui.panels.objective import ObjectivePanel
from vae_studio.ui.panels.train import TrainPanel
from vae_studio.ui.settings import Settings
from vae_studio.ui.widgets.knob_form import Catalogs

CATALOGS = Catalogs(catalog.choices, catalog.cards, catalog.OPTION_FIELDS)


class Entry:
    """A data set of the catalog."""

    def __init__(self, name: str, *, present: bool, downloadable: bool = False) -> None:
        self.name, self.title, self.help = name, name.capitalize(), f"About {name}."
        self.licence, self.downloadable, self.present = "MIT", downloadable, present


ENTRIES = (
    Entry("fashion-mini", present=True),
    Entry("mnist", present=False, downloadable=True),
)


def is_present(name: str) -> bool:
    """Whether a set of ENTRIES is on this computer."""
    return next(entry.present for entry in ENTRIES if entry.name == name)


class StandIn(QWidget):
    """A panel of somebody else."""

    status_changed = Signal(str)
    icon = "map"

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title


STAND_INS = ("canvas", "loss", "decoded", "reconstructions", "samples", "units")


def data_panel() -> DataPanel:
    """A data panel over ENTRIES."""
    return DataPanel(ENTRIES, is_present)


def panels() -> dict[str, QWidget]:
    """The settings panels, and stand-ins for the plots."""
    own = {
        "data": data_panel(), "model": ModelPanel(CATALOGS), "objective": ObjectivePanel(CATALOGS),
        "train": TrainPanel(CATALOGS), "log": LogPanel(),
    }  # fmt: skip
    return {**own, **{name: StandIn(name.capitalize()) for name in STAND_INS}}


def window(folder: Path, *, mode: theme.Mode = "light") -> MainWindow:
    """A main window whose settings and layout lie in ``folder``."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return MainWindow(
        panels(), theme=theme.Theme(app, mode), settings=Settings(folder),
        layouts=LayoutStore(folder),
    )  # fmt: skip


def data_loaded(**other: object) -> DataLoaded:
    """12,000 + 2,000 small pictures in memory."""
    pictures = np.zeros((32, 28, 28, 1), np.uint8)
    fields = {
        "dataset": "fashion-mini", "title": "Fashion-MNIST, small", "train": 10_800,
        "validation": 1_200, "test": 2_000, "shape": (1, 28, 28),
        "class_names": tuple("0123456789"), "pictures": pictures, "value_range": (0.0, 1.0),
    }  # fmt: skip
    return DataLoaded(**{**fields, **other})  # type: ignore[arg-type]


def run_started(*, step: int = 0) -> RunStarted:
    """Ten epochs of 43 steps."""
    return RunStarted(
        run_id="r", name="n", step=step, total_steps=430, steps_per_epoch=43, epochs=10,
        device="cpu", precision="bf16", parameters=1_352_000,
        convention=Convention("grey-BCE", (1, 28, 28)),
    )  # fmt: skip


def batches(first_step: int, count: int = 1, images_per_second: float = 20_931.0) -> BatchesTrained:
    """A chunk of batches that all cost 100 nats."""
    values = np.full(count, 100, np.float32)
    return BatchesTrained(first_step, values, values, values, values, values,
                          images_per_second=images_per_second)  # fmt: skip
