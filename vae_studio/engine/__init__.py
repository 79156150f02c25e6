"""Owns learning.

May import  device, networks, likelihoods, objectives, batches, trainer, probe.
Torch:evaluation, worker and cli speak to it.
"""
