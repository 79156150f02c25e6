"""Owns one auxiliary term per file; each registers itself with its CARD.

May import torch.
The engine speaks to it through `engine.catalog`.
"""
