"""Owns is the model any good.

May import  NELBO over whole splits, active units.
Torch:worker and cli speak to it.
"""
