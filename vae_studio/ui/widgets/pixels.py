"""From numpy to Qt without a loop: pictures to ``QImage``, points to ``QPolygonF``.

Pictures are uint8 (H, W, C) with C = 1 (grey) or 3 (RGB), or (H, W) grey.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPolygonF
from shiboken6 import VoidPtr

from vae_studio.domain.palette import rgb

Bytes = NDArray[np.uint8]


def image_of(picture: Bytes) -> QImage:
    """A ``QImage`` that owns its pixels. ValueError for any other shape or type."""
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    colour = picture.ndim == 3 and picture.shape[2] == 3
    if picture.dtype != np.uint8 or not (colour or picture.ndim == 2):
        raise ValueError(f"a picture is uint8 (H, W, 1 or 3), not {picture.dtype} {picture.shape}")
    pixels = np.ascontiguousarray(picture)
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    # copy(): a QImage made from an array keeps only its address
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def argb_image(pixels_HW: NDArray[np.uint32]) -> QImage:
    """A premultiplied ARGB image (H, W) as a ``QImage`` that owns its pixels."""
    pixels = np.ascontiguousarray(pixels_HW)
    height, width = pixels.shape
    kind = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, 4 * width, kind).copy()


def tinted_image(picture: Bytes, table: NDArray[np.uint32]) -> QImage:
    """A grey picture with every grey drawn as ``table[grey]``, opaque ARGB (256,)."""
    pixels = np.ascontiguousarray(picture[:, :, 0] if picture.ndim == 3 else picture)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_Indexed8)
    image.setColorTable(table.tolist())
    return image.convertToFormat(QImage.Format.Format_RGB32)  # four times faster than np.take


def polygon_of(x_N: NDArray[np.float64], y_N: NDArray[np.float64]) -> QPolygonF:
    """The points (x, y) as a polygon, written straight into Qt's memory."""
    polygon = QPolygonF()
    polygon.resize(len(x_N))
    if len(x_N):
        # data() is the address of the first QPointF; the stubs know VoidPtr only half
        memory = VoidPtr(polygon.data(), 16 * len(x_N), True)  # type: ignore[call-arg, arg-type]
        points_N2 = np.frombuffer(memory, np.float64).reshape(-1, 2)  # type: ignore[call-overload]
        points_N2[:, 0] = x_N
        points_N2[:, 1] = y_N
    return polygon


def faded(colour: str, alpha: float) -> QColor:
    """``#rrggbb`` with an opacity from 0 to 1."""
    red, green, blue = rgb(colour)
    return QColor(red, green, blue, round(255 * alpha))


def blend_table(low: str, high: str) -> NDArray[np.uint32]:
    """256 opaque ARGB values from colour ``low`` (grey 0) to ``high`` (grey 255)."""
    start, end = np.array(rgb(low), float), np.array(rgb(high), float)
    mix = np.rint(start + np.linspace(0, 1, 256)[:, None] * (end - start)).astype(np.uint32)
    table = np.uint32(0xFF000000) | mix[:, 0] << 16 | mix[:, 1] << 8 | mix[:, 2]
    return table.astype(np.uint32)


def mixed(low: str, high: str, share: float) -> str:
    """The colour that lies ``share`` of the way from ``low`` to ``high``, as ``#rrggbb``."""
    pairs = zip(rgb(low), rgb(high), strict=True)
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in pairs)
