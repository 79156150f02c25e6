"""Owns runs on several processes (its floor is kept free).

May import torch.distributed.
Cli will speak to it.
"""
