"""A widget on which one's own pictures can be dropped: a folder, a picture, a file of arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from vae_studio.data.places import FILE_SUFFIXES

LEFT = {QEvent.Type.DragLeave, QEvent.Type.Drop}
OVER = {QEvent.Type.DragEnter, QEvent.Type.DragMove}


class DropTarget(QObject):
    """Takes what is dropped on ``widget`` while ``may_take()``, and says meanwhile what it would
    do. Signal: ``dropped(str path)``, a folder or a file of arrays or labels.
    """

    dropped = Signal(str)

    def __init__(self, widget: QWidget, may_take: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._may_take = may_take
        self._hint = QFrame(widget)
        self._hint.setObjectName("dropHint")
        self._words = QLabel()
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        QVBoxLayout(self._hint).addWidget(self._words)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    @property
    def hint(self) -> str:
        """What is said while something is dragged over the widget; empty when nothing is."""
        return "" if self._hint.isHidden() else self._words.text()

    def _offer(self, event: QDropEvent) -> None:
        path = dropped_pictures(event.mimeData())
        if not path or not self._may_take():
            event.ignore()
            return
        event.acceptProposedAction()
        what = "the folder" if Path(path).is_dir() else Path(path).name
        self._words.setText(f"Drop to train on {what}")
        widget = self.parent()
        assert isinstance(widget, QWidget)
        self._hint.setGeometry(widget.rect())
        self._hint.show()
        self._hint.raise_()

    def _take(self, event: QDropEvent) -> None:
        path = dropped_pictures(event.mimeData())
        if path and self._may_take():
            event.acceptProposedAction()
            self.dropped.emit(path)

    # Qt
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in LEFT:
            self._hint.hide()
        if kind in OVER and isinstance(event, QDropEvent):
            self._offer(event)
        elif kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._take(event)
        return kind in OVER or kind in LEFT


def dropped_pictures(mime: QMimeData) -> str:
    """The one folder or file of arrays that is dragged, of a picture its folder, or no text."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if len(paths) != 1:
        return ""
    path = paths[0]
    if path.is_dir() or (path.is_file() and path.suffix.lower() in FILE_SUFFIXES):
        return str(path)
    from vae_studio.imaging.decode import SUFFIXES  # with Pillow: not before the first paint

    is_picture = path.is_file() and path.suffix.lower() in SUFFIXES | {".dcm", ".dicom"}
    return str(path.parent) if is_picture else ""
