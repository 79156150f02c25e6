"""A dock that looks like a card: icon, bold title, and one muted sentence on the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vae_studio.ui.icons import icon
from vae_studio.ui.widgets.elided_label import ElidedLabel
from vae_studio.ui.widgets.hints import describe
from vae_studio.ui.widgets.icon_label import IconLabel

TITLE_HEIGHT_PX = 28
INSET_PX = 12
FOOT_PX = 8
BODY_FOOT_PX = 2  # the border and a pixel of air below a scroll bar
NARROWEST_PX = 200


class CardTitle(QFrame):
    """The head of a card. ``status`` is the muted sentence on the right."""

    def __init__(self, title: str, icon_name: str) -> None:
        super().__init__()
        self.setObjectName("dockTitle")
        self.setFixedHeight(TITLE_HEIGHT_PX)
        self._title = QLabel(title)
        self._title.setObjectName("dockName")
        self.status = ElidedLabel(muted=True)
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status.setAccessibleName(f"{title}: status")
        # its words come and go several times a second: they must not ask for another width
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(INSET_PX, 0, INSET_PX, 0)
        layout.setSpacing(8)
        layout.addWidget(IconLabel(icon_name))
        layout.addWidget(self._title)
        layout.addWidget(self.status, 1)
        layout.addStrut(TITLE_HEIGHT_PX)  # a dock asks its title for a hint, not for its height


class DockTitle(CardTitle):
    """The head of a dock: *Float* and *Close* appear over the status while the mouse is there."""

    def __init__(self, dock: Dock, title: str, icon_name: str) -> None:
        super().__init__(title, icon_name)
        self._dock = dock
        self._buttons = QFrame(self)
        self._buttons.setObjectName("dockButtons")
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(2)
        floats = _small_button("picture-in-picture-2", f"Float {title}", "Take it out or put back.")
        floats.clicked.connect(dock.toggle_floating)
        closes = _small_button("x", f"Close {title}", "The View menu brings it back.")
        closes.clicked.connect(dock.close)
        row.addWidget(floats)
        row.addWidget(closes)
        self._buttons.hide()

    def menu(self) -> QMenu:
        """Float or close, for the right mouse button and the keyboard's menu key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        floating = self._dock.isFloating()
        menu.addAction(
            icon("picture-in-picture-2"),
            "Put back" if floating else "Float",
            self._dock.toggle_floating,
        )
        menu.addAction(icon("x"), "Close", self._dock.close)
        return menu

    def _place_buttons(self) -> None:
        size = self._buttons.sizeHint()
        self._buttons.setGeometry(
            self.width() - size.width() - 6, (self.height() - size.height()) // 2 + 1,
            size.width(), size.height(),
        )  # fmt: skip

    # Qt
    def enterEvent(self, event: QEnterEvent) -> None:
        self._place_buttons()
        self._buttons.show()
        self._buttons.raise_()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._buttons.hide()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_buttons()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())


class PanelScroll(QScrollArea):
    """Lets a panel be shorter than its content: it asks for all of it, and scrolls in less.

    Signal: ``content_resized`` when the content asks for another height than before.
    """

    content_resized = Signal()

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._holder = QWidget()
        self._holder.setObjectName("scrolled")
        inside = QVBoxLayout(self._holder)
        inside.setContentsMargins(INSET_PX - 1, 2, INSET_PX - 1, FOOT_PX - 2)
        inside.addWidget(panel)
        self._asked_px = 0
        self.setWidget(self._holder)

    @property
    def least_content_height(self) -> int:
        """The height below which the content scrolls."""
        layout = self._holder.layout()
        if layout is None:
            return 0
        if layout.hasHeightForWidth():
            return layout.totalMinimumHeightForWidth(self.viewport().width())
        return layout.totalMinimumSize().height()

    # Qt
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            asked = self._holder.sizeHint().height()
            if asked != self._asked_px:
                self._asked_px = asked
                self.updateGeometry()
                self.content_resized.emit()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return self._holder.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROWEST_PX, 40)


class Dock(QDockWidget):
    """Holds one panel. The panel's class says ``title`` and ``icon``; its signal
    ``status_changed(str)``, where it has one, feeds the muted sentence.

    Signal: ``content_resized`` when a scrolling panel asks for another height than before.
    """

    content_resized = Signal()

    def __init__(self, name: str, panel: QWidget, *, scrolls: bool) -> None:
        title = str(getattr(panel, "title", name.capitalize()))
        super().__init__(title)
        self.setObjectName(name)
        self.panel = panel
        self.setAccessibleName(title)
        self.head = DockTitle(self, title, str(getattr(panel, "icon", "circle")))
        self.setTitleBarWidget(self.head)
        self._scroll = PanelScroll(panel) if scrolls else None
        self._body = _body(self._scroll or panel, inset=not scrolls)
        if self._scroll:
            self._scroll.content_resized.connect(self.content_resized)
        self.setWidget(self._body)
        self.toggleViewAction().setToolTip(f"Show or hide {title}.")
        follow_status(panel, self.head)

    @Slot()
    def toggle_floating(self) -> None:
        """Take the dock out of the window, or put it back."""
        self.setFloating(not self.isFloating())
        if self.isFloating():
            self.move(self.pos() + QPoint(24, 24))

    @property
    def natural_height(self) -> int:
        """The height the panel asks for."""
        return TITLE_HEIGHT_PX + self._body.sizeHint().height()

    @property
    def least_height(self) -> int:
        """The height below which the panel scrolls, or below which it cannot be drawn."""
        if self._scroll is None:
            return TITLE_HEIGHT_PX + self._body.minimumSizeHint().height()
        margins = self._body.contentsMargins()
        frame = margins.top() + margins.bottom() + BODY_FOOT_PX
        return TITLE_HEIGHT_PX + frame + self._scroll.least_content_height


class Card(QWidget):
    """The same look without the docking, for the panel in the middle of the window."""

    def __init__(self, name: str, panel: QWidget) -> None:
        super().__init__()
        self.setObjectName(name)
        self.panel = panel
        title = str(getattr(panel, "title", name.capitalize()))
        self.head = CardTitle(title, str(getattr(panel, "icon", "circle")))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(_body(panel, inset=True), 1)
        follow_status(panel, self.head)


def follow_status(panel: QWidget, head: CardTitle) -> None:
    """Show what the panel says about itself in the head of its card."""
    signal = getattr(panel, "status_changed", None)
    if signal is not None:
        signal.connect(head.status.set_full_text)
    head.status.set_full_text(str(getattr(panel, "status", "")))


def _body(content: QWidget, *, inset: bool) -> QFrame:
    frame = QFrame()
    frame.setObjectName("dockBody")
    layout = QVBoxLayout(frame)
    margins = (INSET_PX, 0, INSET_PX, INSET_PX) if inset else (1, 0, 1, BODY_FOOT_PX)
    layout.setContentsMargins(*margins)
    layout.addWidget(content)
    return frame


def _small_button(icon_name: str, name: str, help_text: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("dockButton")
    button.setIcon(icon(icon_name, "muted"))
    button.setIconSize(QSize(13, 13))
    button.setProperty("flat", True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    describe(button, name, f"{name}. {help_text}")
    return button
