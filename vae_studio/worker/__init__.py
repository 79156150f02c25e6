"""Owns the thread: a QObject on a QThread that steps the engine and answers requests.

May import PySide6.QtCore and everything from evaluation down.
Wiring speaks to it, by signals only.
"""
