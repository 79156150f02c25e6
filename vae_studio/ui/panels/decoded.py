"""The Decoded dock: what the decoder makes of the code under the cross, as large as it fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vae_studio.domain.plane import unit_label
from vae_studio.domain.reports import CodeDecoded, CodesEncoded, ModelChanged
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.picture_view import PictureView
from vae_studio.ui.widgets.point_cloud import PointCloud

SIDE_PX = 168
WORDS_PX = 104  # narrower than this beside the picture, the words go below it
UNITS_TOLD = 3
EMPTY = "Click the latent canvas to decode a code."


class DecodedPanel(FramePanel):
    """Shows ``CodeDecoded`` at once: the pointer does not wait for the frame clock.

    Signal: ``copy_requested()`` after the person copied the picture.
    """

    title = "Decoded"
    icon = "sparkles"
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cloud: PointCloud | None = None
        self._class_names: tuple[str, ...] = ()
        self._decoded: CodeDecoded | None = None
        self.picture = PictureView(self, name="Decoded picture")
        self.picture.set_largest_cell(SIDE_PX)
        self.picture.set_empty_text(EMPTY)
        self.nearest, self.code, self.distance = (QLabel(self) for _ in range(3))
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        self.picture.copied.connect(self.copy_requested)

    @property
    def shown_code(self) -> NDArray[np.float32] | None:
        """The code (D,) whose picture is shown; None before the first."""
        return None if self._decoded is None else self._decoded.code_D

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """Nothing is decoded yet; the room for the picture stands."""
        self._cloud, self._decoded = None, None
        self._class_names = model.class_names
        self.picture.set_pictures(np.zeros((0, *model.shape[1:], model.shape[0]), np.uint8), 1)
        self.picture.reserve(1, model.shape[1:], 1)
        for label in (self.nearest, self.code, self.distance):
            label.clear()
        self.tell_status("")

    @Slot(object)
    def show_codes(self, codes: CodesEncoded) -> None:
        """The encoded test pictures, for the nearest class."""
        self._cloud = PointCloud.of(codes)
        self.mark_dirty()

    @Slot(object)
    def show_decoded(self, decoded: CodeDecoded) -> None:
        """The picture of the newest code; the words beside it come with the next frame."""
        self._decoded = decoded
        self.picture.set_pictures(decoded.picture[np.newaxis], 1, ("Ctrl+C copies the picture.",))
        self.picture.repaint()  # now: an update would wait behind every report in the queue
        self.mark_dirty()

    def refresh(self) -> None:
        """The words beside the picture."""
        if self._decoded is None:
            return
        code_D = self._decoded.code_D
        self.code.setText(code_words(code_D))
        self.code.setToolTip(
            ", ".join(f"{unit_label(unit)} {axis.number(z, 3)}" for unit, z in enumerate(code_D))
        )
        self._show_nearest(code_D)
        self.tell_status(f"at the cursor · step {axis.number(self._decoded.step, 0)}")

    def _show_nearest(self, code_D: NDArray[np.float32]) -> None:
        cloud = self._cloud
        if cloud is None or cloud.mean_ND.shape[1] != len(code_D):
            self.nearest.clear()
            self.distance.clear()
            return
        near = cloud.nearest(code_D, np.ones(len(cloud), bool))
        if near is None:
            return
        label = near.label
        name = None if label is None else str(label)
        if label is not None and label < len(self._class_names):
            name = self._class_names[label]
        self.nearest.setText(f"nearest: {name}" if name else f"nearest: no. {near.index + 1}")
        self.distance.setText(f"test image {near.index + 1}, {axis.number(near.distance, 2)} away")

    def _lay_out(self) -> None:
        words = QWidget(self)
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        font = self.nearest.font()
        font.setWeight(font.Weight.DemiBold)
        self.nearest.setFont(font)
        for label in (self.nearest, self.code, self.distance):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(label)
        column.addStretch(1)
        for label in (self.code, self.distance):
            label.setProperty("muted", True)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(12)
        self._box.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self._box.addWidget(words, 1)

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(260, SIDE_PX + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= SIDE_PX + 12 + WORDS_PX
        side = SIDE_PX if beside else min(SIDE_PX, self.width())
        self.picture.setFixedSize(side, side)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if beside else direction.TopToBottom)


def code_words(code_D: NDArray[np.float32]) -> str:
    """``z = (0.76, −0.47)``; of many units only those that stand farthest from 0, by name."""
    if len(code_D) == 1:
        return f"z = {axis.number(float(code_D[0]), 2)}"
    if len(code_D) <= UNITS_TOLD:
        return f"z = ({', '.join(axis.number(float(z), 2) for z in code_D)})"
    far = [int(unit) for unit in np.argsort(-np.abs(code_D), kind="stable")[:UNITS_TOLD]]
    told = [f"{unit_label(unit)} {axis.number(float(code_D[unit]), 2)}" for unit in sorted(far)]
    rest = np.delete(code_D, far)
    return ", ".join(told) + (", all others 0" if not rest.any() else f", {len(rest)} more")
