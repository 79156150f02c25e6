"""Owns pictures without a window: tiling, resizing, safe decoding, clean encoding.

May import numpy, Pillow and domain.
Data, export, engine and worker speak to it.
"""
