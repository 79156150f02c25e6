"""A label that gives way: what does not fit ends in "…" and is told in full by the tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from vae_studio.ui.widgets.hints import wrapped


class ElidedLabel(QLabel):
    """One line of text, shortened to the room there is.

    It is a label by its looks only and paints the text itself: ``QLabel.setText`` lays the whole
    window out anew, which costs a running training more than all the curves.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None, *, muted: bool = False):
        super().__init__(parent)
        self._full = self._shown = ""
        self._hint = ""
        self.setProperty("muted", muted)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_full_text(text)

    @property
    def full_text(self) -> str:
        """The whole sentence."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Show this sentence, or as much of it as fits."""
        if text == self._full:
            return
        # a figure that counts must not make the layout breathe with every step
        resized = len(text) != len(self._full)
        self._full = text
        self.setAccessibleDescription(text)
        self._fit()
        if resized and self.sizePolicy().horizontalPolicy() is not QSizePolicy.Policy.Ignored:
            self.updateGeometry()

    def set_hint(self, hint: str) -> None:
        """What the tooltip says beside a sentence that does not fit."""
        self._hint = hint
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        if shown != self._shown:
            self._shown = shown
            self.update()
        tip = self._hint if shown == self._full else wrapped(self._full, self._hint)
        if tip != self.toolTip():
            self.setToolTip(tip)

    # Qt
    def text(self) -> str:
        """What can be read now."""
        return self._shown

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._full) + 2
        return QSize(width + margins.left() + margins.right(), self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), self.fontMetrics().height() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = self.alignment() | Qt.TextFlag.TextSingleLine
        painter.drawText(self.contentsRect(), flags, self._shown)
        painter.end()
