"""Owns where pictures come from: the catalog, IDX files, folders, downloads, splits.

May import numpy, Pillow, psutil (requests to download, pydicom for DICOM), imaging and domain.
Engine, worker and cli speak to it.
"""
