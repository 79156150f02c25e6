"""Owns the run folder: manifest, metrics log, checkpoints, lock, recovery.

May import numpy, safetensors, msgspec, psutil and domain.
Engine, evaluation, worker and commands speak to it.
"""
