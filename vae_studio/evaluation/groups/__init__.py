"""Owns what an evaluation asks, one group of readings per file.

May import torch and everything from engine down.
The report of `evaluation` speaks to it.
"""
