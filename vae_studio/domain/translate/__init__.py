"""Owns the translation of other people's settings into a RunConfig.

May import PyYAML.
Command line and window speak to it through `translate.translation`.
"""
