"""Owns the curves along which a scheduled quantity moves, one file each with a card.

Every file answers ``climb(share, schedule)``: the factor, from 0 to 1, after a share of the run.
And ``fall``: the same from 1 to 0, or None where falling is no different. Schedules speak to it.
"""
