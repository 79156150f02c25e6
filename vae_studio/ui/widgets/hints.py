"""Tooltips that wrap: Qt breaks the lines of rich text only."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QWidget


def wrapped(*sentences: str) -> str:
    """The sentences as paragraphs of one tooltip; empty ones are left out."""
    return "".join(f"<p style='margin: 0 0 3px 0'>{escape(s)}</p>" for s in sentences if s)


def describe(widget: QWidget, name: str, *sentences: str) -> None:
    """Give a control its accessible name and say what it does, for eyes and for screen readers."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(" ".join(s for s in sentences if s))
    widget.setToolTip(wrapped(*sentences))
