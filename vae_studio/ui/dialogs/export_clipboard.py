"""A picture on the clipboard, with its size on a slide and the note of where it came from."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from vae_studio.imaging.shrink import png_size

MAX_DECODED_PX = 16_000_000  # beyond it unpacking would hold up the window


def copy_png(png: bytes) -> None:
    """Put the picture on the clipboard: the PNG's own bytes, and pixels for older programs."""
    mime = QMimeData()
    mime.setData("image/png", QByteArray(png))
    width, height = png_size(png)
    if width * height <= MAX_DECODED_PX:
        mime.setImageData(QImage.fromData(png))
    QGuiApplication.clipboard().setMimeData(mime)
