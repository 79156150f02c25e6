"""Owns what is seen.

May import  widgets, panels, dialogs, the main window, actions, theme.
PySide6 and pyqtgraph, never torch:wiring and app speak to it.
"""
