"""Owns the words of VAE Studio: config, knobs, schedules, events, history, planes, palette.

May import the standard library, numpy and msgspec.
Everybody above speaks to it; it speaks to nobody.
"""
