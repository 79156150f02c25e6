"""The latent canvas dock: the map, what it shows, and which units it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.domain.events import UnitsMeasured
from vae_studio.domain.palette import class_colour
from vae_studio.domain.plane import LatentPlane
from vae_studio.domain.reports import CodeDecoded, CodesEncoded, ModelChanged, TilesDecoded
from vae_studio.ui import theme
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets import axis
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.frame_panel import FramePanel
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.latent_canvas import LatentCanvas
from vae_studio.ui.widgets.legend import LegendItem, LegendRow
from vae_studio.ui.widgets.segmented import Segmented
from vae_studio.ui.widgets.unit_pair import UnitPair
from vae_studio.ui.widgets.unit_sliders import UnitSliders

MOST_LEGENDS = 24  # a longer legend is no legend
OPACITY_PERCENT = 60


class CanvasPanel(FramePanel):
    """Signals: ``code_chosen(object)`` a code (D,); ``tiles_wanted(object)`` a ``TilesWanted``."""

    title = "Latent canvas"
    icon = "map"
    code_chosen = Signal(object)
    tiles_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units, self._origin = 0, ""
        self._step = self._decoded_step = -1
        self._tiles: TilesDecoded | None = None
        self._codes: CodesEncoded | None = None
        self._measured: UnitsMeasured | None = None
        self._last_measured: UnitsMeasured | None = None  # for the sliders, once they are opened
        self.canvas, self.pair, self.sliders = LatentCanvas(self), UnitPair(self), UnitSliders(self)
        self.legend, self.read_out = LegendRow(self), ElidedLabel("", self, muted=True)
        self._lay_out()
        self._connect()
        self.pair.hide()
        self._show_extras()

    @Slot(object)
    def show_model(self, model: ModelChanged) -> None:
        """Another model, or none: an empty map of it."""
        self._units, self._step, self._decoded_step = model.units, model.step, -1
        self._origin = model.origin
        self._tiles = self._codes = self._measured = self._last_measured = None
        self.sliders.show_model(model.units)
        self.pair.show_model(model.units)
        self._show_classes(model.class_names)
        self.canvas.show_model(self._plane(), model.shape[1:], model.class_names)
        self.read_out.set_full_text("")
        self._show_extras()
        self._tell_slice()
        self.mark_dirty()

    @Slot(object)
    def show_tiles(self, tiles: TilesDecoded) -> None:
        """The mosaic of the slice, decoded anew."""
        self._tiles, self._step = tiles, tiles.step
        self.mark_dirty()

    @Slot(object)
    def show_codes(self, codes: CodesEncoded) -> None:
        """The test pictures, encoded anew."""
        self._codes = codes
        self.mark_dirty()

    @Slot(object)
    def show_units(self, measured: UnitsMeasured) -> None:
        """What each unit says: sorts the lists and the sliders."""
        self._measured = measured
        self.mark_dirty()

    @Slot(object)
    def show_decoded(self, decoded: CodeDecoded) -> None:
        """The answer to ``code_chosen``: from which step the decoded picture is."""
        self._decoded_step = decoded.step

    def refresh(self) -> None:
        """Take in the newest of everything."""
        if self._measured is not None:
            self.pair.show_units(self._measured)
            self._last_measured = self._measured
            if self.sliders.isVisible():
                self.sliders.show_units(self._measured)
        if self._codes is not None:
            self.canvas.show_codes(self._codes)
        if self._tiles is not None:
            self.canvas.show_tiles(self._tiles)
            if self._tiles.step > self._decoded_step:
                self.canvas.tell_again()  # the decoded picture learns along with the map
        self._tiles = self._codes = self._measured = None
        self.invert_box.setEnabled(self.canvas.layers.tiles.grey)
        self._tell_slice()

    def _plane(self) -> LatentPlane | None:
        if not self._units:
            return None
        across, up = self.pair.pair
        return LatentPlane.of_units(across, up, self.sliders.values(self._units))

    def _show_classes(self, names: tuple[str, ...]) -> None:
        self.legend.clear()
        for label, name in enumerate(names if len(names) <= MOST_LEGENDS else ()):
            item = LegendItem(str(label), name, colour=class_colour(label), swatch="dot")
            item.setToolTip(f"Click to hide or show the points of class {name}.")
            item.shown_changed.connect(self._show_class)
            self.legend.add(item)

    @Slot()
    def _show_extras(self) -> None:
        more = self._units > 2
        self.others_button.setVisible(more)
        self.sliders.setVisible(more and self.others_button.isChecked())
        self.controls.setEnabled(self._units > 0)
        self.invert_box.setVisible(not theme.current().dark)
        self.legend.setVisible(bool(self.legend.items))

    def _tell_slice(self) -> None:
        if not self._units:
            self.tell_status("no model yet")
            return
        plane = self.canvas.plane
        across, up = plane.labels if plane is not None else ("", "")
        if self._units == 1:
            text = f"{across} · points in a lane for each class"
        elif self._units == 2:
            text = f"{across} × {up} · equal scale"
        else:
            text = f"slice {across} × {up} · points projected"
        step = f" · step {axis.number(self._step, 0)}" if self._step > 0 else ""
        # the title of the window names runs already
        origin = "" if self._origin.startswith("run ") else self._origin
        self.tell_status(text + step + (f" · {origin}" if origin else ""))

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.sliders)
        self.sliders.setFixedWidth(228)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.legend, 3)
        below.addWidget(self.read_out, 2)
        self.read_out.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.read_out.setMinimumHeight(24)
        self.read_out.setAccessibleName("Under the pointer")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._make_controls())
        column.addLayout(middle, 1)
        column.addLayout(below)

    def _make_controls(self) -> QWidget:
        self.controls = QWidget(self)
        self.layer_choice = Segmented("What the map shows", self)
        self.layer_choice.add("both", "Both", "Decoded tiles behind encoded test pictures.")
        self.layer_choice.add("tiles", "Tiles", "Only what the decoder makes of each code.")
        self.layer_choice.add("points", "Points", "Only where test pictures are encoded.")
        self.opacity = QSlider(Qt.Orientation.Horizontal, self)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(OPACITY_PERCENT)
        self.opacity.setFixedWidth(88)
        describe(self.opacity, "Tile opacity", "How strong the tiles are behind the points.")
        self.invert_box = QCheckBox("Invert", self)
        self.invert_box.setChecked(True)
        describe(
            self.invert_box, "Invert",
            "In the light theme, light strokes on a dark ground are drawn dark on light.",
        )  # fmt: skip
        self.others_button = _flat_button("Other units", "sliders-horizontal", checkable=True)
        describe(self.others_button, "Other units", "Set the units that are not on the axes.")
        self.fit_button = _flat_button("", "maximize", checkable=False)
        describe(self.fit_button, "Fit", "Show the whole prior and the points (Home).")
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.pair)
        row.addWidget(self.others_button)
        row.addStretch(1)
        row.addWidget(self.invert_box)
        row.addWidget(self.layer_choice)
        row.addWidget(self.opacity)
        row.addWidget(self.fit_button)
        return self.controls

    def _connect(self) -> None:
        self.canvas.code_chosen.connect(self.code_chosen)
        self.canvas.tiles_wanted.connect(self.tiles_wanted)
        self.canvas.read_out_changed.connect(self.read_out.set_full_text)
        self.pair.pair_chosen.connect(self._take_pair)
        self.sliders.values_changed.connect(self._take_values)
        self.layer_choice.chosen.connect(self.canvas.set_shown_layers)
        self.opacity.valueChanged.connect(self._take_opacity)
        self.invert_box.toggled.connect(self.canvas.set_inverting)
        self.others_button.toggled.connect(self._open_others)
        self.fit_button.clicked.connect(self.canvas.fit)
        theme.current().changed.connect(self._show_extras)

    @Slot(int, int)
    def _take_pair(self, across: int, up: int) -> None:
        self.sliders.set_axes(across, up)
        self._take_values()

    @Slot()
    def _take_values(self) -> None:
        plane = self._plane()
        if plane is not None:
            self.canvas.set_plane(plane)
            self._tell_slice()

    @Slot(int)
    def _take_opacity(self, percent: int) -> None:
        self.canvas.set_tile_opacity(percent / 100)

    @Slot(bool)
    def _open_others(self, _open: bool) -> None:
        self._show_extras()
        if self._last_measured is not None:
            self.sliders.show_units(self._last_measured)

    @Slot(str, bool)
    def _show_class(self, key: str, shown: bool) -> None:
        self.canvas.set_class_shown(int(key), shown)


def _flat_button(text: str, icon_name: str, *, checkable: bool) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setIcon(icon(icon_name))
    button.setCheckable(checkable)
    button.setProperty("flat", True)
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button
