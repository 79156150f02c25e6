"""Owns what leaves the app.

May import  picture grids and their provenance.
Numpy, Pillow and python-pptx:worker and cli speak to it.
"""
