"""Owns the run folder.

May import  manifest, metrics log, checkpoints, lock, atomic writes.
Numpy, safetensors and msgspec:engine, evaluation, worker and cli speak to it.
"""
