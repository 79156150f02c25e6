"""Owns what is seen: widgets, panels, dialogs, the main window, actions, theme.

May import PySide6 and pyqtgraph, never torch.
Wiring and app speak to it.
"""
