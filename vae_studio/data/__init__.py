"""Owns where pictures come from: the catalog, IDX files, folders, downloads, splits.

May import numpy and Pillow (and pooch, only while something is downloaded), imaging and domain.
Engine, worker and cli speak to it.
"""
