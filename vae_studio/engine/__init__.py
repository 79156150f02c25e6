"""Owns learning: device, networks, likelihoods, objectives, batches, trainer, probe.

May import torch and everything from runs down.
Evaluation, worker and commands speak to it.
"""

import os

# Between two layers the second thread must not fall asleep: waking it costs as much as a layer.
# libgomp reads this once, when torch is imported; measured +15 % images/s on two cores.
os.environ.setdefault("GOMP_SPINCOUNT", "10000000")
