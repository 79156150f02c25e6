"""The Reconstructions dock: test pictures, and below each what comes back through its code."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_studio.domain.reports import ModelChanged, Reconstructed
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.picture_view import PictureView

COLUMNS = 8
EMPTY = "Train, or open a run, to compare pictures with what comes back."


class ReconstructionsPanel(FramePanel):
    """Pairs: the original above, its reconstruction below."""

    title = "Reconstructions"
    icon = "images"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._newest: Reconstructed | None = None
        self.pictures = PictureView(self, name="Originals above, reconstructions below")
        self.pictures.set_empty_text(EMPTY)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pictures)

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """No pictures yet; the room for them stands."""
        self._newest = None
        height, width = model.shape[1:]
        self.pictures.set_pictures(np.zeros((0, 2 * height, width, model.shape[0]), np.uint8))
        self.pictures.reserve(COLUMNS, (2 * height, width), COLUMNS)
        self.tell_status("")

    @Slot(object)
    def show_reconstructions(self, reconstructed: Reconstructed) -> None:
        """Newer reconstructions of the same pictures."""
        self._newest = reconstructed
        self.mark_dirty()

    def refresh(self) -> None:
        """Draw the newest pairs."""
        newest = self._newest
        if newest is None:
            return
        pairs = np.concatenate((newest.originals, newest.reconstructions), axis=1)
        captions = tuple(
            f"Test image {index + 1}: original above, reconstruction below."
            for index in range(len(pairs))
        )
        self.pictures.set_pictures(pairs, COLUMNS, captions)
        self.tell_status("original above")
