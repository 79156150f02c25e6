"""Owns learning: device, networks, likelihoods, objectives, batches, trainer, probe.

May import torch and everything from runs down.
Evaluation, worker and commands speak to it.
"""
