"""Every picture of the set in hand, by part and by class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vae_studio.data.album import Album
from vae_studio.data.image_set import DataSplits
from vae_studio.data.preflight import place_of
from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.steady_inputs import ChoiceField
from vae_studio.ui.widgets.thumbnail_wall import SIDES_PX, ThumbnailWall

FIRST_SIZE = QSize(920, 640)
PARTS = ("training", "held out", "test")
ORDERS = (("set", "As in the set"), ("class", "By class"), ("name", "By file name"))


class BrowserDialog(QDialog):
    """Shown with ``show()``; the window stays usable."""

    def __init__(self, splits: DataSplits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(FIRST_SIZE)
        self._album = Album(splits)
        self._hung: DataSplits | None = None
        self._folder: Path | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._choices())
        self.wall = ThumbnailWall(self._picture, self._about)
        self.wall.current_changed.connect(self._show_current)
        layout.addWidget(self.wall, 1)
        layout.addLayout(self._foot())
        self.show_splits(splits)
        self.wall.setFocus()

    @Slot(object)
    def show_splits(self, splits: DataSplits) -> None:
        """Hang the pictures of this set, if they are others than before."""
        if splits is self._hung:
            return
        self._hung = splits
        self._album, self._folder = Album(splits), place_of(splits.name)
        self.setWindowTitle(f"Pictures of {splits.title}")
        self._refill(self._part, [("All parts", -1), *((n.capitalize(), k) for k, n in
                                                       enumerate(PARTS))])  # fmt: skip
        names = splits.class_names
        self._refill(self._class, [("All classes", -1), *((n, k) for k, n in enumerate(names))])
        self._class.setEnabled(bool(names))
        usable = [(text, order) for order, text in ORDERS if order != "name"
                  or self._album.has_names]  # fmt: skip
        self._refill(self._order, usable)
        self._open.setVisible(self._folder is not None)
        self._hang()

    def _choices(self) -> QHBoxLayout:
        self._part, self._class, self._order = ChoiceField(), ChoiceField(), ChoiceField()
        self._side = ChoiceField()
        for side in SIDES_PX:
            self._side.addItem(f"{side} px", side)
        self._side.setCurrentIndex(SIDES_PX.index(64))
        self._count = QLabel()
        self._count.setProperty("muted", True)
        row = QHBoxLayout()
        row.setSpacing(8)
        for field, name, help in (
            (self._part, "Part", "Which of the three sets is shown."),
            (self._class, "Class", "Of which class pictures are shown."),
            (self._order, "Order", "How the pictures are sorted."),
            (self._side, "Side of a picture", "How large a picture is drawn; Ctrl and the wheel "
             "change it, too."),
        ):  # fmt: skip
            describe(field, name, help)
            row.addWidget(field, 1)
        for field in (self._part, self._class, self._order):
            field.activated.connect(self._hang)
        self._side.activated.connect(self._resize_pictures)
        row.addWidget(self._count)
        return row

    def _foot(self) -> QHBoxLayout:
        self._told = ElidedLabel("Click a picture to see what it is.", muted=True)
        self._open = QPushButton(icon("folder-open"), "Open its folder")
        describe(self._open, "Open its folder", "Show the folder that holds the picture's file.")
        self._open.setAutoDefault(False)
        self._open.clicked.connect(self._open_folder)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._told, 1)
        row.addWidget(self._open)
        return row

    def _picture(self, number: int) -> np.ndarray:
        return self._album.picture(number)

    def _about(self, number: int) -> str:
        """ "training 17 · class 3 · scans/3/a.png"."""
        part, index = self._album.place(number)
        label = self._album.label(number)
        words = [f"{PARTS[part]} {index:,}", f"class {label}" if label else ""]
        return " · ".join(word for word in (*words, self._album.name(number)) if word)

    @Slot()
    def _hang(self) -> None:
        numbers = self._album.numbers(
            part=self._part.currentData(), label=self._class.currentData(),
            order=self._order.currentData(),
        )  # fmt: skip
        self.wall.set_numbers(numbers)
        self._count.setText(f"{len(numbers):,} pictures")

    @Slot()
    def _resize_pictures(self) -> None:
        self.wall.set_side(self._side.currentData())

    @Slot(int)
    def _show_current(self, number: int) -> None:
        self._told.set_full_text(self._about(number) if number >= 0 else "")
        self._open.setEnabled(number >= 0)

    @Slot()
    def _open_folder(self) -> None:
        number, place = self.wall.current, self._folder
        if number >= 0 and place is not None:
            file = place / self._album.name(number) if place.is_dir() else place
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))

    def _refill(self, field: ChoiceField, choices: Sequence[tuple[str, object]]) -> None:
        field.clear()
        for text, value in choices:
            field.addItem(text, value)
