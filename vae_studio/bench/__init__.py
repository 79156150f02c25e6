"""Owns the benchmarks behind every measured figure.

May import everything below it.
The commands speak to it.
"""
