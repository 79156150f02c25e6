"""A label that gives way: what does not fit ends in "…" and is told in full by the tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """One line of text, shortened to the room there is."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, muted: bool = False):
        super().__init__(parent)
        self._full = ""
        self._hint = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
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
        if resized:
            self.updateGeometry()

    def set_hint(self, hint: str) -> None:
        """A tooltip for the times when the whole sentence is visible."""
        self._hint = hint
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._full if shown != self._full else self._hint)

    # Qt
    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._full) + 2
        return QSize(width + margins.left() + margins.right(), self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
