"""Pictures as pixels: whole-pixel scaling, copy, save, hover.

Shapes: pictures are uint8 (N, H, W, C), C = 1 or 3.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QBuffer,
    QEvent,
    QIODevice,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)  # fmt: skip
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy, QToolTip, QWidget

from vae_studio.domain.atomic import write_atomically
from vae_studio.domain.errors import StudioError
from vae_studio.ui import theme
from vae_studio.ui.widgets.focus_ring import FocusRing
from vae_studio.ui.widgets.picture_grid import PictureGrid, fitted_grid, grid_of
from vae_studio.ui.widgets.pixels import image_of

Pictures = NDArray[np.uint8]
GAP_PX = 2
COPY_SIDE_PX = 96  # a copied picture is enlarged to at least this, so that a slide shows pixels


class PictureView(FocusRing):
    """A grid of pictures, every pixel a crisp square.

    Signals: ``copied()`` the picture is on the clipboard; ``saved(str)`` the path written;
    ``save_failed(str)`` one sentence.
    """

    copied = Signal()
    saved = Signal(str)
    save_failed = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, name: str = "Pictures") -> None:
        super().__init__(parent)
        self._pictures: Pictures = np.zeros((0, 28, 28, 1), np.uint8)
        self._columns = 1
        self._reserved = (0, (28, 28))
        self._largest_px = 0
        self._strip = QImage()
        self._inverted = False
        self._captions: tuple[str, ...] = ()
        self._empty_text = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.current().changed.connect(self._retheme)

    @property
    def pictures(self) -> Pictures:
        """What is shown, (N, H, W, C)."""
        return self._pictures

    @property
    def inverted(self) -> bool:
        """Grey pictures are shown as negatives."""
        return self._inverted

    def set_pictures(
        self, pictures: Pictures, columns: int = 8, captions: tuple[str, ...] = ()
    ) -> None:
        """Show pictures (N, H, W, C); ``captions`` are their tooltips."""
        pictures = np.ascontiguousarray(pictures)
        if pictures.ndim != 4:
            raise ValueError(f"pictures are (N, H, W, C), not {pictures.shape}")
        before = (self._reserved, self._columns)
        self._pictures, self._captions, self._columns = pictures, captions, max(1, columns)
        if len(pictures):
            self._reserved = (len(pictures), self._shape())
        self._strip = QImage()
        if before != (self._reserved, self._columns):
            self.updateGeometry()
        self.update()

    def reserve(self, count: int, shape: tuple[int, int], columns: int) -> None:
        """Keep the height that ``count`` pictures (H, W) will need, before they are there."""
        self._reserved, self._columns = (count, shape), max(1, columns)
        self.updateGeometry()

    def set_largest_cell(self, side_px: int) -> None:
        """No picture grows beyond this many logical pixels a side (0: no limit)."""
        self._largest_px = side_px
        self.updateGeometry()
        self.update()

    def set_empty_text(self, sentence: str) -> None:
        """What to say while there is no picture."""
        self._empty_text = sentence
        self.update()

    @Slot(bool)
    def set_inverted(self, inverted: bool) -> None:
        """Show grey pictures as negatives (for white pages); colour pictures stay."""
        self._inverted = inverted
        self._strip = QImage()
        self.update()

    def picture_image(self) -> QImage:
        """The grid as it is copied and saved: whole pixels, transparent gaps."""
        count, shape = len(self._pictures), self._shape()
        shown = self._grid()
        scale = max(1, round(shown.scale))
        if count == 1:
            scale = max(scale, -(-COPY_SIDE_PX // max(shape)))
        grid = grid_of(count, shape, shown.columns, scale, GAP_PX)
        image = QImage(*grid.size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        for index in range(count):
            painter.drawImage(QRect(*grid.cell(index)), self._pixels(), self._source(index))
        painter.end()
        return image

    @Slot()
    def copy(self) -> None:
        """Put the picture on the clipboard."""
        if len(self._pictures):
            QGuiApplication.clipboard().setImage(self.picture_image())
            self.copied.emit()

    @Slot()
    def choose_file(self) -> None:
        """Ask where to save, then save."""
        if not len(self._pictures):
            return
        dialog = QFileDialog(self, "Save picture", "pictures.png", "PNG picture (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    @Slot(str)
    def save(self, path: str) -> None:
        """Write the picture as PNG; tells ``saved`` or ``save_failed``."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.picture_image().save(buffer, "PNG")  # type: ignore[call-overload]  # stubs want bytes
        try:
            write_atomically(Path(path), bytes(buffer.data().data()))
        except StudioError as error:
            self.save_failed.emit(str(error))
            return
        self.saved.emit(path)

    def picture_at(self, position: QPointF) -> int | None:
        """The index of the picture under a point of the widget, or None."""
        grid, dpr = self._grid(), self.devicePixelRatioF()
        index = grid.index_at(position.x() * dpr, position.y() * dpr)
        return index if index is not None and index < len(self._pictures) else None

    def _shape(self) -> tuple[int, int]:
        _, height, width, _ = self._pictures.shape
        return height, width

    def _grid(self) -> PictureGrid:
        return self._grid_in(self.width(), self.height())

    def _grid_in(self, width: int, height: int | None) -> PictureGrid:
        """The grid in a room of logical pixels; without a height it may be as tall as it likes."""
        dpr = self.devicePixelRatioF()
        count, shape = self._reserved
        return fitted_grid(
            count, shape, self._columns,
            width=int(width * dpr), height=None if height is None else int(height * dpr),
            gap=round(GAP_PX * dpr), largest=int(self._largest_px * dpr),
        )  # fmt: skip

    def _pixels(self) -> QImage:
        """All pictures below one another, made once for every change."""
        if self._strip.isNull():
            count, height, width, channels = self._pictures.shape
            strip = self._pictures.reshape(count * height, width, channels)
            self._strip = image_of(255 - strip if self._inverted and channels == 1 else strip)
        return self._strip

    def _source(self, index: int) -> QRect:
        height, width = self._pictures.shape[1:3]
        return QRect(0, index * height, width, height)

    def _paint_pictures(self, painter: QPainter) -> None:
        grid, dpr = self._grid(), self.devicePixelRatioF()
        painter.scale(1 / dpr, 1 / dpr)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grid.scale < 1)
        for index in range(len(self._pictures)):
            x, y, width, height = grid.cell(index)
            painter.drawImage(QRect(x, y, width, height), self._pixels(), self._source(index))

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(theme.current().chrome.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()), flags, self._empty_text)

    @Slot()
    def _retheme(self) -> None:
        self.update()

    # Qt
    def sizeHint(self) -> QSize:
        width = 240
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 28)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        grid = self._grid_in(width, None)
        return max(28, int(np.ceil(grid.size[1] / self.devicePixelRatioF())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if len(self._pictures):
            self._paint_pictures(painter)
        elif self._empty_text:
            self._paint_empty(painter)
        painter.resetTransform()
        self.paint_ring(painter)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Save):
            self.choose_file()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.context_menu().popup(event.globalPos())

    def context_menu(self) -> QMenu:
        """Copy, save, invert: each greyed where it cannot work."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy picture", self.copy)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        save = menu.addAction("Save picture as…", self.choose_file)
        save.setShortcut(QKeySequence(QKeySequence.StandardKey.Save))
        menu.addSeparator()
        invert = menu.addAction("Invert (dark on light)")
        invert.setCheckable(True)
        invert.setChecked(self._inverted)
        invert.toggled.connect(self.set_inverted)
        there = bool(len(self._pictures))
        copy.setEnabled(there)
        save.setEnabled(there)
        invert.setEnabled(self._pictures.shape[3] == 1)
        return menu

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.picture_at(QPointF(event.pos()))
            if index is not None and index < len(self._captions):
                QToolTip.showText(event.globalPos(), self._captions[index], self)
                return True
        return super().event(event)
