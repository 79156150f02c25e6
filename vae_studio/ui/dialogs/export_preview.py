"""The picture that would be saved, fitted to the room there is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_studio.imaging.shrink import png_size, shrink_steps
from vae_studio.imaging.tile import Pixels
from vae_studio.ui import theme

AT_ONCE_PX = 4_000_000  # decoded in one go: about ten milliseconds; a slide has two million
SHRUNKEN_SIDE_PX = 2048  # of larger pictures; no preview is wider than that on any screen
CHECK_PX = 8
STALE_OPACITY = 0.3
NOTHING_TO_SHOW = "There is no picture with these settings."
CHECKS = {True: ("#2a2f38", "#343a45"), False: ("#ffffff", "#e9ecf0")}  # by darkness of the theme
_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888,
}


class PreviewLoader(QObject):
    """PNG bytes to pixels without holding up the window. Signal: ``loaded(QImage)``.

    A newer picture replaces one that is still being loaded.
    """

    loaded = Signal(QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Iterator[Pixels | None] = iter(())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    def load(self, png: bytes) -> None:
        """Tell ``loaded`` now, or for a huge picture a little later."""
        self._timer.stop()
        width, height = png_size(png)
        if width * height <= AT_ONCE_PX:
            self.loaded.emit(QImage.fromData(png))
            return
        self._steps = shrink_steps(png, SHRUNKEN_SIDE_PX)
        self._timer.start(0)

    @Slot()
    def _step(self) -> None:
        pixels = next(self._steps)
        if pixels is not None:
            self._timer.stop()
            self.loaded.emit(_image(pixels))


class ExportPreview(QWidget):
    """Shows one picture as large as fits: crisp when enlarged, smooth when shrunk.

    Without a picture it says why in one sentence.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._fitted = QPixmap()
        self._sentence = ""
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview")
        theme.current().changed.connect(self._retheme)

    @property
    def image(self) -> QImage:
        """What is shown; null when there is nothing."""
        return self._image

    @Slot(QImage)
    def show_image(self, image: QImage) -> None:
        """Show a picture."""
        self._image, self._fitted, self._stale = image, QPixmap(), False
        self.update()

    def show_sentence(self, sentence: str) -> None:
        """Show no picture, but say why."""
        self._image, self._fitted = QImage(), QPixmap()
        self._sentence = sentence
        self.setAccessibleDescription(sentence)
        self.update()

    def fade(self) -> None:
        """What is shown is no longer what would be saved."""
        self._stale = True
        self._sentence = NOTHING_TO_SHOW
        self.update()

    def picture_rect(self) -> QRect:
        """Where the picture stands, in device pixels."""
        ratio = self.devicePixelRatioF()
        room = QSize(int(self.width() * ratio), int(self.height() * ratio))
        size = fitted_size(self._image.size(), room)
        left, top = (room.width() - size.width()) // 2, (room.height() - size.height()) // 2
        return QRect(left, top, size.width(), size.height())

    def _paint_picture(self, painter: QPainter) -> None:
        target = self.picture_rect()
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        if self._image.hasAlphaChannel():
            _paint_checks(painter, target, round(CHECK_PX * ratio))
        if self._fitted.size() != target.size():
            shrinks = target.width() < self._image.width()
            how = Qt.TransformationMode.SmoothTransformation
            crisp = Qt.TransformationMode.FastTransformation
            scaled = self._image.scaled(
                target.size(), Qt.AspectRatioMode.IgnoreAspectRatio, how if shrinks else crisp
            )
            self._fitted = QPixmap.fromImage(scaled)
            self._fitted.setDevicePixelRatio(1)
        painter.setOpacity(STALE_OPACITY if self._stale else 1.0)
        painter.drawPixmap(target.topLeft(), self._fitted)
        painter.setPen(QColor(theme.current().chrome.border))  # a black slide on a dark theme
        painter.drawRect(target.adjusted(-1, -1, 0, 0))

    def _paint_sentence(self, painter: QPainter) -> None:
        painter.setPen(QColor(theme.current().chrome.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()), flags, self._sentence)

    @Slot()
    def _retheme(self) -> None:
        self.update()

    # Qt
    def sizeHint(self) -> QSize:
        return QSize(720, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image.isNull():
            self._paint_sentence(painter)
        else:
            self._paint_picture(painter)
        painter.end()


def fitted_size(picture: QSize, room: QSize) -> QSize:
    """The largest size in ``room``: any when the picture shrinks, a whole multiple when it grows,
    less the pixel of the frame on each side."""
    room = QSize(max(1, room.width() - 2), max(1, room.height() - 2))
    if picture.isEmpty():
        return QSize(0, 0)
    times = min(room.width() // picture.width(), room.height() // picture.height())
    if times >= 1:
        return picture * times
    shrunk = picture.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    return QSize(max(1, shrunk.width()), max(1, shrunk.height()))


def _paint_checks(painter: QPainter, target: QRect, side: int) -> None:
    light, dark = (QColor(colour) for colour in CHECKS[theme.current().dark])
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(light)
    on_tile = QPainter(tile)
    on_tile.fillRect(0, 0, side, side, dark)
    on_tile.fillRect(side, side, side, side, dark)
    on_tile.end()
    painter.drawTiledPixmap(target, tile)


def _image(pixels_HWC: Pixels) -> QImage:
    pixels = np.ascontiguousarray(pixels_HWC)
    height, width, channels = pixels.shape
    # copy(): a QImage made from an array keeps only its address
    return QImage(pixels.data, width, height, width * channels, _FORMATS[channels]).copy()
