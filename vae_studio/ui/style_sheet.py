"""The one style sheet, made of a theme's tokens: 4-px grid, corners of 8 and 5 px, flat."""

from __future__ import annotations

from pathlib import Path
from string import Template

from vae_studio.domain.palette import Chrome
from vae_studio.ui.theme import faded, mixed

#: The little marks inside controls: file name → (icon, role of its colour).
MARKS = {
    "down": ("chevron-down", "muted"),
    "up": ("chevron-up", "muted"),
    "right": ("chevron-right", "muted"),
    "check": ("check", "on_accent"),
    "chosen": ("check", "accent"),
    "close": ("x", "muted"),
}


def write_marks(chrome: Chrome, folder: str) -> str:
    """Write the marks, tinted, into ``folder`` and return it; a style sheet can only name files.

    The folder gets one sub-folder per theme: Qt caches pictures by name, and the same name in
    other colours would show the old ones.
    """
    from vae_studio.ui.icons import tinted

    place = Path(folder) / chrome.bg.lstrip("#")
    place.mkdir(parents=True, exist_ok=True)
    for mark, (icon, role) in MARKS.items():
        (place / f"{mark}.svg").write_bytes(tinted(icon, getattr(chrome, role)))
        (place / f"{mark}-off.svg").write_bytes(tinted(icon, faded(chrome)))
    return place.as_posix()


def style_sheet(chrome: Chrome, marks: str) -> str:
    """The style sheet in the colours of ``chrome``; ``marks`` is the folder of the marks."""
    tokens = {name: getattr(chrome, name) for name in chrome.__dataclass_fields__}
    tokens |= {
        "marks": marks,
        "faded": faded(chrome),
        "hover": mixed(chrome.raised, chrome.text, 0.06),
        "pressed": mixed(chrome.raised, chrome.text, 0.12),
        "edge": mixed(chrome.border, chrome.muted, 0.45),
        "accent_hover": mixed(chrome.accent, chrome.text, 0.12),
        "accent_pressed": mixed(chrome.accent, chrome.bg, 0.18),
        "accent_off": mixed(chrome.accent, chrome.bg, 0.68),
        "tint": mixed(chrome.panel, chrome.accent, 0.16),
    }
    return _SHEET.substitute(tokens)


_SHEET = Template("""
* { outline: 0; }
QMainWindow, QDialog { background: $bg; }
QToolTip {
    background: $raised; color: $text; border: 1px solid $edge; padding: 5px 7px;
}

/* the bars */
QMenuBar { background: $bg; padding: 2px 0 0 0; }
QMenuBar::item { padding: 3px 8px; border-radius: 5px; background: transparent; color: $text; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; }
QMenu { background: $panel; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 5px; }
QMenu::item:selected { background: $tint; }
QMenu::item:disabled { color: $faded; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 7px; }
QMenu::indicator:checked { image: url("$marks/chosen.svg"); }
QMenu::right-arrow {
    image: url("$marks/right.svg"); width: 12px; height: 12px; padding-right: 6px;
}
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QToolBar { background: $bg; border: 0; padding: 0; spacing: 4px; }
QToolBar QLabel { background: transparent; }
QToolBar::separator { width: 1px; background: $border; margin: 8px 8px; }

/* cards and docks */
QMainWindow::separator { background: transparent; width: 8px; height: 8px; }
QFrame#dockTitle {
    background: $panel; border: 1px solid $border; border-bottom: 0;
    border-top-left-radius: 8px; border-top-right-radius: 8px;
}
QFrame#dockBody {
    background: $panel; border: 1px solid $border; border-top: 0;
    border-bottom-left-radius: 8px; border-bottom-right-radius: 8px;
}
QFrame#card { background: $panel; border: 1px solid $border; border-radius: 8px; }
QLabel#dockName { font-weight: 600; }
QLabel[muted="true"] { color: $muted; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLabel#badge {
    color: $muted; background: $raised; border: 1px solid $border; border-radius: 5px;
    padding: 0 6px;
}
QLabel:disabled { color: $faded; }

/* scroll areas and their bars */
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: 0; }
QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 8px; margin: 1px 0; }
QScrollBar:horizontal { height: 8px; margin: 0 1px; }
QScrollBar::handle { background: $border; border-radius: 3px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

/* fields */
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit, QListView, QTreeView {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 5px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 18px; padding: 2px 7px; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: $edge; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus, QListView:focus, QTreeView:focus { border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: $faded; background: $panel;
}
QSpinBox, QDoubleSpinBox { padding-right: 20px; }
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit { min-height: 0; padding: 0; border: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: 18px; height: 10px; border: 0; background: transparent;
    margin-right: 2px;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {
    background: $pressed; border-radius: 3px;
}
QAbstractSpinBox::up-arrow { image: url("$marks/up.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$marks/down.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off {
    image: url("$marks/up-off.svg");
}
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off {
    image: url("$marks/down-off.svg");
}
QComboBox { padding-right: 24px; combobox-popup: 0; }
QComboBox::drop-down {
    subcontrol-origin: border; subcontrol-position: center right; width: 22px; border: 0;
    background: transparent;
}
QComboBox::down-arrow { image: url("$marks/down.svg"); width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: url("$marks/down-off.svg"); }
QComboBox QAbstractItemView {
    background: $panel; border: 1px solid $border; border-radius: 5px; padding: 3px; outline: 0;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $tint; color: $text; }
QCheckBox { spacing: 7px; }
QCheckBox::indicator, QGroupBox::indicator, QListView::indicator {
    width: 14px; height: 14px; border: 1px solid $edge; border-radius: 4px; background: $raised;
}
QCheckBox::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$marks/check.svg");
}
QCheckBox::indicator:disabled { border-color: $border; background: $panel; }
QCheckBox:focus { color: $accent; }

/* buttons */
QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 5px;
}
QPushButton { padding: 5px 12px; min-height: 16px; }
QToolButton { padding: 4px 8px; }
QPushButton:hover, QToolButton:hover { background: $hover; border-color: $edge; }
QPushButton:pressed, QToolButton:pressed { background: $pressed; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faded; background: $panel; }
QPushButton:default, QToolButton#primary, QPushButton#primary {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton:default:hover, QToolButton#primary:hover, QPushButton#primary:hover {
    background: $accent_hover; border-color: $accent_hover;
}
QPushButton:default:pressed, QToolButton#primary:pressed, QPushButton#primary:pressed {
    background: $accent_pressed; border-color: $accent_pressed;
}
QPushButton:default:focus, QToolButton#primary:focus, QPushButton#primary:focus {
    border-color: $text;
}
QPushButton:default:disabled, QToolButton#primary:disabled, QPushButton#primary:disabled {
    background: $accent_off; border-color: $accent_off; color: $muted;
}
QToolBar QToolButton, QToolButton[flat="true"] {
    background: transparent; border-color: transparent;
}
QToolBar QToolButton:hover, QToolButton[flat="true"]:hover { background: $hover; }
QToolBar QToolButton:pressed, QToolButton[flat="true"]:pressed { background: $pressed; }
QToolBar QToolButton:disabled, QToolButton[flat="true"]:disabled {
    background: transparent; border-color: transparent;
}
QToolBar QToolButton:focus, QToolButton[flat="true"]:focus { border-color: $accent; }
QToolBar QToolButton#primary { background: $accent; border-color: $accent; }
QToolBar QToolButton#primary:hover { background: $accent_hover; }
QToolBar QToolButton#primary:pressed { background: $accent_pressed; }
QToolBar QToolButton#primary:disabled { background: $accent_off; border-color: $accent_off; }
QToolButton:checked, QPushButton:checked { background: $tint; border-color: $accent; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[disclosure="true"] {
    background: transparent; border: 1px solid transparent; color: $muted;
    padding: 1px 6px 1px 0; margin-left: -4px;
}
QFrame#dockButtons { background: $panel; }
QToolButton#dockButton { padding: 2px; }
QToolButton[disclosure="true"]:hover { color: $text; }
QToolButton[disclosure="true"]:focus { border-color: $accent; }

/* progress, sliders, tabs, lists */
QProgressBar {
    background: $border; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 6px; background: $accent;
    border: 1px solid $panel;
}
QSlider::handle:horizontal:hover { background: $accent_hover; }
QSlider::handle:horizontal:focus { border-color: $text; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $edge; }
QTabBar { background: transparent; }
QTabBar::tab {
    background: transparent; color: $muted; border: 1px solid transparent; border-radius: 5px;
    padding: 3px 10px; margin: 3px 2px 1px 0;
}
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; background: $panel; border-color: $border; }
QTabWidget::pane { border: 1px solid $border; border-radius: 8px; background: $panel; }
QHeaderView::section {
    background: $panel; color: $muted; border: 0; border-bottom: 1px solid $border;
    padding: 4px 6px;
}
QListView::item, QTreeView::item { padding: 3px 4px; border-radius: 4px; }
QListView::item:selected, QTreeView::item:selected { background: $tint; color: $text; }
QGroupBox { border: 1px solid $border; border-radius: 8px; margin-top: 9px; padding-top: 6px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: $muted; }
QStatusBar { background: $bg; color: $muted; }
QStatusBar::item { border: 0; }
QSplitter::handle { background: transparent; }
QFrame#toast { background: $panel; border: 1px solid $edge; border-radius: 8px; }
QFrame#toast[level="warning"] { border-color: $warn; }
QFrame#toast[level="error"] { border-color: $bad; }
QFrame#dropHint { border: 1px dashed $accent; border-radius: 8px; background: $tint; }
""")
