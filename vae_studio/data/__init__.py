"""Owns where pictures come from: the catalog, IDX files, folders, downloads, splits.

May import numpy, Pillow, psutil (and pooch while something is downloaded), imaging and domain.
Engine, worker and cli speak to it.
"""
