"""The layers of the model that the settings mean, with shapes and costs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from vae_studio.domain.layers import Layer, LayerTable
from vae_studio.ui.numbers import short_count

COLUMNS = {
    "Layer": "What the layer does, and how wide it is",
    "Output": "Shape of the layer's answer for one picture",
    "Weights": "Numbers the layer learns",
    "FLOPs": "Operations of the layer for one picture, forward: two per product",
}


class LayerList(QTreeWidget):
    """A read-only table, encoder and decoder as two groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers of the model")
        self.setColumnCount(len(COLUMNS))
        self.setHeaderLabels(list(COLUMNS))
        for column, tip in enumerate(COLUMNS.values()):
            self.headerItem().setToolTip(column, tip)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if column:
                self.headerItem().setTextAlignment(column, right)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(8)
        header = self.header()
        header.setStretchLastSection(False)
        # a dock is narrow: what a layer does is read whole, the last columns by scrolling
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    @Slot(object)
    def show_layers(self, table: LayerTable) -> None:
        """Show these layers."""
        self.clear()
        for part in dict.fromkeys(layer.part for layer in table.layers):
            inside = [layer for layer in table.layers if layer.part == part]
            group = QTreeWidgetItem(self, [part, *_totals(inside)])
            _align(group)
            for layer in inside:
                _align(QTreeWidgetItem(group, _row(layer)))
        self.expandAll()


def _row(layer: Layer) -> list[str]:
    shape = " × ".join(str(side) for side in layer.shape)
    flops = short_count(2 * layer.products) if layer.products else ""
    return [layer.kind, shape, short_count(layer.parameters), flops]


def _totals(layers: list[Layer]) -> list[str]:
    weights = sum(layer.parameters for layer in layers)
    flops = 2 * sum(layer.products for layer in layers)
    return ["", short_count(weights), short_count(flops)]


def _align(item: QTreeWidgetItem) -> None:
    for column in range(1, len(COLUMNS)):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
