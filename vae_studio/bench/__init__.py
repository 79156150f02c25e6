"""Owns the benchmarks behind every measured figure.

May import everything below it.
Cli speaks to it.
"""
