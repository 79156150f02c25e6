"""Owns what leaves the app: picture grids and their provenance.

May import numpy, Pillow and python-pptx, data, imaging, domain.
Runs, engine, worker and commands speak to it.
"""
