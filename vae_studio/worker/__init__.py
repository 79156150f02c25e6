"""Owns the thread.

May import  a QObject on a QThread that steps the engine and answers requests.
PySide6.QtCore:wiring speaks to it, by signals only.
"""
