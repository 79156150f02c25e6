"""Owns whether units stand for the factors that pictures were drawn from.

May import numpy and torch; the scores know arrays only, not models.
The report of `evaluation` speaks to it.
"""
