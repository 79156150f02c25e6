"""Owns the command line: one module per command, flags generated from the knobs.

May import everything below it; torch and Qt only inside the function that needs them.
The entry point `cli` speaks to it.
"""
