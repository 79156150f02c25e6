"""Owns reusable widgets that know nothing of the app.

May import PySide6, pyqtgraph and domain.
Panels and dialogs speak to it.
"""
