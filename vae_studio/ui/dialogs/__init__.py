"""Owns the dialogs.

May import ui.widgets, ui.theme and domain.
The main window and wiring speak to it.
"""
