"""Owns whether the model is any good: likelihood, information, copies, samples, factors.

May import torch and everything from engine down.
Worker and commands speak to it.
"""
