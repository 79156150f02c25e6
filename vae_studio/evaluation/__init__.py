"""Owns whether the model is any good: NELBO over whole splits, active units.

May import torch and everything from engine down.
Worker and commands speak to it.
"""
