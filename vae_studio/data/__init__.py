"""Owns where images come from: catalog, IDX, folders, download, splits.

May import numpy and Pillow (torchvision only inside the download adapters), imaging, domain.
Engine, worker and commands speak to it.
"""
