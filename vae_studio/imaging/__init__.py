"""Owns pictures without a window.

May import  tiling, resizing, safe decoding, clean encoding.
Numpy and Pillow:data, export, engine and worker speak to it.
"""
