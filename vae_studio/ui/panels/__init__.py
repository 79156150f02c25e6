"""Owns one dock panel per module; panels are strangers to each other.

May import ui.widgets, ui.theme and domain.
The main window and wiring speak to it.
"""
