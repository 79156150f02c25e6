"""Owns where images come from.

May import  catalog, IDX, folders, download, splits.
Numpy and Pillow (torchvision only inside the download adapters):engine, worker and cli speak to it.
"""
