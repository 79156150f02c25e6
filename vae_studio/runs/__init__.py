"""Owns the run folder: manifest, metrics log, checkpoints, lock, recovery, the library of runs.

May import the standard library, numpy, msgspec, psutil, platformdirs and safetensors.
Engine, evaluation, worker, bench and cli speak to it; it never imports torch or Qt.
"""
